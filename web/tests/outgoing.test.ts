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

/** A fresh page: module memory is gone, storage is not. */
async function openPage() {
  vi.resetModules()
  const { session } = await import('@/lib/session.ts')
  const { outgoing, isUnproven } = await import('@/lib/outgoing.ts')
  session.begin({ access_token: token('user-1'), expires_in: 600 })
  return { session, outgoing, isUnproven }
}

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

    const { outgoing } = await openPage()
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

    const { outgoing, isUnproven } = await openPage()
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

    const { outgoing } = await openPage()
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
    const { outgoing } = await openPage()
    network([problem(403, 'pin-proof-invalid')])
    outgoing.resume()
    await vi.waitFor(() => expect(outgoing.find(DRAFT.id)?.state).toBe('unsent'))
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
