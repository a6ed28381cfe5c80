/** The engine of transfers on their way, against a network that loses answers. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Draft } from '@/lib/outgoing.ts'

const DRAFT: Draft = { id: '0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70', to_account: '576174676428', payee_name: 'Budi', amount: 20_000, note: '' }
const PROOF = { proof: 'proof', expires_in: 120 }
const TRANSFER = { id: DRAFT.id, kind: 'transfer', amount: 20_000, balance_after: 30_000 }

const token = (sub: string) => `x.${btoa(JSON.stringify({ sub }))}.x`
const json = (status: number, body: unknown, headers = {}) => new Response(JSON.stringify(body), { status, headers })
const problem = (status: number, slug: string, members = {}) => json(status, { type: `/problems/${slug}`, ...members })

interface Sent {
  key: string | null
  proof: string | null
}

/** Answers each transfer request with the next of `answers`; 'lost' breaks the connection. */
function network(answers: (Response | 'lost')[]) {
  const sent: Sent[] = []
  vi.stubGlobal('fetch', (_url: string, init: RequestInit) => {
    const headers = new Headers(init.headers)
    sent.push({ key: headers.get('Idempotency-Key'), proof: headers.get('X-Pin-Proof') })
    const answer = answers.shift() ?? problem(503, 'unavailable')
    return answer === 'lost' ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(answer)
  })
  return sent
}

const GRANTED = { access_token: token('user-1'), expires_in: 600 }

async function load() {
  vi.resetModules()
  const { session } = await import('@/lib/session.ts')
  return { session, ...(await import('@/lib/outgoing.ts')) }
}

/** A page where somebody has just signed in. */
async function openPage() {
  const page = await load()
  page.session.begin(GRANTED)
  return page
}

/** A fresh page in the place of one that died: its memory is gone, storage is not. */
async function reload({ session: dead }: Awaited<ReturnType<typeof openPage>>) {
  const kept = { ...localStorage } as Record<string, string>
  dead.end()
  for (const [key, value] of Object.entries(kept)) localStorage.setItem(key, value)
  vi.stubGlobal('fetch', () => Promise.resolve(json(200, GRANTED)))
  const page = await load()
  await page.session.ready()
  return page
}

/** A body that breaks off behind its headers. */
const cut = () => new Response(new ReadableStream({ start: (body) => body.error(new TypeError('network error')) }), { status: 201 })

const stored = () => JSON.parse(localStorage.getItem('ewl.outgoing') ?? '[]') as { id: string; state: string }[]

describe('a transfer on its way', () => {
  beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 200 }))

  it('is stored with its id before it is sent', async () => {
    const { outgoing } = await openPage()
    let before: { id: string }[] = []
    vi.stubGlobal('fetch', () => {
      before = stored()
      return Promise.resolve(json(201, TRANSFER))
    })
    await outgoing.send(DRAFT, PROOF)
    expect(before.map((record) => record.id)).toEqual([DRAFT.id])
    expect(stored()[0]?.state).toBe('done')
  })

  it('is sent again with the same id when the answer is lost, until it is known', async () => {
    const { outgoing } = await openPage()
    const sent = network(['lost', problem(503, 'outcome-unknown'), problem(409, 'request-in-progress'), json(201, TRANSFER)])
    await outgoing.send(DRAFT, PROOF)
    expect(sent.map(({ key }) => key)).toEqual(Array.from({ length: 4 }, () => DRAFT.id))
    expect(outgoing.find(DRAFT.id)?.state).toBe('done')
  })

  it.each([
    ['breaks off behind its headers', cut()],
    ["is a portal's page", new Response('<!doctype html>', { status: 200 })],
    ["is a portal's refusal", new Response('<!doctype html>', { status: 403 })],
  ])('is sent again when the answer %s', async (_, answer) => {
    const { outgoing } = await openPage()
    const sent = network([answer, json(201, TRANSFER)])
    await outgoing.send(DRAFT, PROOF)
    expect(sent.map(({ proof }) => proof)).toEqual(['proof', 'proof'])
    expect(outgoing.find(DRAFT.id)?.state).toBe('done')
  })

  it('says that the outcome is unknown while it is', async () => {
    const { outgoing } = await openPage()
    network(['lost'])
    void outgoing.send(DRAFT, PROOF)
    await vi.waitFor(() => expect(outgoing.find(DRAFT.id)?.state).toBe('unknown'))
  })

  it('keeps why it was refused, and does not try again', async () => {
    const { outgoing } = await openPage()
    const sent = network([problem(422, 'insufficient-funds', { short_by_amount: 5 })])
    await outgoing.send(DRAFT, PROOF)
    expect(sent).toHaveLength(1)
    expect(outgoing.find(DRAFT.id)).toMatchObject({ state: 'refused', problem: { slug: 'insufficient-funds' } })
  })

  it('is taken up after a reload, without its proof, and found to be done', async () => {
    const first = await openPage()
    network(['lost'])
    void first.outgoing.send(DRAFT, PROOF)
    await vi.waitFor(() => expect(stored()[0]?.state).toBe('unknown'))

    const { outgoing } = await reload(first)
    const sent = network([json(201, TRANSFER)])
    outgoing.resume()
    await vi.waitFor(() => expect(outgoing.find(DRAFT.id)?.state).toBe('done'))
    expect(sent).toEqual([{ key: DRAFT.id, proof: null }])
  })

  it('is not called unsent while its first request may still arrive', async () => {
    const first = await openPage()
    network(['lost'])
    void first.outgoing.send(DRAFT, PROOF)
    await vi.waitFor(() => expect(stored()[0]?.state).toBe('unknown'))

    const { outgoing, isUnproven } = await reload(first)
    const sent = network([problem(403, 'pin-proof-invalid'), problem(403, 'pin-proof-invalid'), json(201, TRANSFER)])
    outgoing.resume()
    await vi.waitFor(() => expect(sent).toHaveLength(2))
    expect(outgoing.find(DRAFT.id)?.state).toBe('unknown')
    expect(isUnproven(outgoing.find(DRAFT.id)!)).toBe(true)
    await vi.waitFor(() => expect(outgoing.find(DRAFT.id)?.state).toBe('done'))
  })

  it('takes the PIN again under the same id, at once', async () => {
    const first = await openPage()
    network(['lost'])
    void first.outgoing.send(DRAFT, PROOF)
    await vi.waitFor(() => expect(stored()[0]?.state).toBe('unknown'))

    const { outgoing } = await reload(first)
    const sent = network([problem(403, 'pin-proof-invalid'), json(201, TRANSFER)])
    outgoing.resume()
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    void outgoing.send(DRAFT, { proof: 'another', expires_in: 120 })
    await vi.waitFor(() => expect(outgoing.find(DRAFT.id)?.state).toBe('done'))
    expect(sent).toEqual([
      { key: DRAFT.id, proof: null },
      { key: DRAFT.id, proof: 'another' },
    ])
  })

  it('is unsent when it never arrived and its proof has ended', async () => {
    const first = await openPage()
    network(['lost'])
    void first.outgoing.send(DRAFT, PROOF)
    await vi.waitFor(() => expect(stored()[0]?.state).toBe('unknown'))

    vi.setSystemTime(Date.now() + 151_000)
    const { outgoing } = await reload(first)
    network([problem(403, 'pin-proof-invalid')])
    outgoing.resume()
    await vi.waitFor(() => expect(outgoing.find(DRAFT.id)?.state).toBe('unsent'))
  })

  it.each(['focus', 'visibilitychange'])('is taken up by an open tab that comes to the front (%s) when its own has died', async (event) => {
    const first = await openPage()
    network(['lost'])
    void first.outgoing.send(DRAFT, PROOF)
    await vi.waitFor(() => expect(stored()[0]?.state).toBe('unknown'))
    const { outgoing } = await reload(first)
    network([json(201, TRANSFER)])

    dispatchEvent(new Event(event))

    await vi.waitFor(() => expect(outgoing.find(DRAFT.id)?.state).toBe('done'))
  })

  it('keeps what another tab has stored meanwhile', async () => {
    const { outgoing } = await openPage()
    network([json(201, TRANSFER)])
    localStorage.setItem('ewl.outgoing', JSON.stringify([{ ...DRAFT, id: 'other', user_id: 'user-1', created_at: Date.now(), state: 'sending' }]))
    await outgoing.send(DRAFT, PROOF)
    expect(stored().map(({ id, state }) => [id, state])).toEqual([
      [DRAFT.id, 'done'],
      ['other', 'sending'],
    ])
  })

  it('leaves nothing behind when its answer comes after the sign-out', async () => {
    const { session, outgoing } = await openPage()
    const answers: ((response: Response) => void)[] = []
    vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => answers.push(resolve)))
    const sending = outgoing.send(DRAFT, PROOF)
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    session.leave()
    answers[0]!(json(201, TRANSFER))
    await sending
    expect(localStorage.getItem('ewl.outgoing')).toBeNull()
  })

  it('of the last person is not taken over by the next one', async () => {
    localStorage.setItem('ewl.outgoing', JSON.stringify([{ ...DRAFT, user_id: 'user-0', created_at: Date.now(), state: 'unknown' }]))
    const { outgoing } = await openPage()
    const sent = network([])
    outgoing.resume()
    expect(outgoing.find(DRAFT.id)).toBeUndefined()
    expect(localStorage.getItem('ewl.outgoing')).toBeNull()
    expect(sent).toEqual([])
  })

  it('is forgotten at sign-out', async () => {
    const { session, outgoing } = await openPage()
    network([json(201, TRANSFER)])
    await outgoing.send(DRAFT, PROOF)
    session.end()
    expect(outgoing.find(DRAFT.id)).toBeUndefined()
    expect(localStorage.getItem('ewl.outgoing')).toBeNull()
  })
})
