import { describe, expect, it, vi } from 'vitest'

const token = (mark: string) => `x.${btoa(JSON.stringify({ sub: 'user-1', mark }))}.x`
const granted = (mark: string, expires_in = 600) => ({ access_token: token(mark), token_type: 'Bearer', expires_in })
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })

async function open() {
  vi.resetModules()
  return { ...(await import('@/lib/session.ts')), ...(await import('@/lib/api.ts')) }
}

describe('a session', () => {
  it('keeps its token out of every storage', async () => {
    const { session } = await open()
    session.begin(granted('secret'))
    const kept = JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])
    expect(kept).not.toContain(token('secret'))
    expect(localStorage.getItem('ewl.session')).toBe('1')
  })

  it('leaves nothing personal behind when it ends', async () => {
    const { session } = await open()
    session.begin(granted('one'))
    localStorage.setItem('ewl.last-wallet', '{}')
    localStorage.setItem('ewl.theme', 'dark')
    session.end()
    expect(Object.keys({ ...localStorage }).sort()).toEqual(['ewl.locale', 'ewl.theme'])
    expect(session.status()).toBe('out')
  })

  it('is renewed once however many requests wait for it', async () => {
    const { session, api } = await open()
    session.begin(granted('old', 1))
    const urls: string[] = []
    vi.stubGlobal('fetch', (url: string) => {
      urls.push(url)
      return Promise.resolve(json(200, url.endsWith('refresh') ? granted('new') : {}))
    })
    await Promise.all([api.GET('/v1/me'), api.GET('/v1/wallet'), api.GET('/v1/wallet/limits')])
    expect(urls.filter((url) => url.endsWith('/refresh'))).toHaveLength(1)
  })

  it('replaces a token that is refused, and sends the request once more', async () => {
    const { session, api } = await open()
    session.begin(granted('revoked'))
    const tokens: (string | null)[] = []
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      if (url.endsWith('refresh')) return Promise.resolve(json(200, granted('fresh')))
      tokens.push(new Headers(init.headers).get('Authorization'))
      return Promise.resolve(tokens.length === 1 ? json(401, { type: '/problems/unauthenticated' }) : json(200, {}))
    })
    const { response } = await api.GET('/v1/me')
    expect(response.status).toBe(200)
    expect(tokens).toEqual([`Bearer ${token('revoked')}`, `Bearer ${token('fresh')}`])
  })

  it('ends when the renewal is refused', async () => {
    const { session, api } = await open()
    session.begin(granted('old', 1))
    vi.stubGlobal('fetch', () => Promise.resolve(json(401, { type: '/problems/unauthenticated' })))
    await api.GET('/v1/me').catch(() => undefined)
    expect(session.status()).toBe('out')
  })

  it('begins with nothing of the person before', async () => {
    const { session } = await open()
    localStorage.setItem('ewl.last-wallet', '{}')
    session.begin(granted('one'))
    expect(localStorage.getItem('ewl.last-wallet')).toBeNull()
    expect(localStorage.getItem('ewl.session')).toBe('1')
  })

  it('that was left is not entered again by a renewal on its way', async () => {
    const { session, api } = await open()
    session.begin(granted('old', 1))
    let answer: (response: Response) => void = () => undefined
    vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => (answer = resolve)))
    const asked = api.GET('/v1/me').catch(() => undefined)
    session.leave()
    vi.stubGlobal('fetch', () => Promise.resolve(json(401, null)))
    answer(json(200, granted('late')))
    await asked
    expect(session.status()).toBe('out')
  })

  it('that is left in one tab is left in the others', async () => {
    const one = await open()
    one.session.begin(granted('one'))
    const two = await open()
    two.session.begin(granted('one'))
    one.session.leave()
    await vi.waitFor(() => expect(two.session.status()).toBe('out'))
    expect(two.session.wasLeft()).toBe(true)
  })

  it('leaves no balance behind that was asked for before its end', async () => {
    // The pages of other tests would hear its end, and clear up for it.
    vi.stubGlobal('BroadcastChannel', undefined)
    const { session } = await open()
    const { queryClient, walletQuery } = await import('@/lib/queries.ts')
    session.begin(granted('one'))
    const answers: ((response: Response) => void)[] = []
    vi.stubGlobal('fetch', (_: string, { signal }: RequestInit) => new Promise<Response>((resolve, reject) => {
      answers.push(resolve)
      signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
    }))
    const asked = queryClient.fetchQuery(walletQuery).catch(() => undefined)
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    session.leave()
    answers[0]!(json(200, { balance: 1 }))
    await asked
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(localStorage.getItem('ewl.last-wallet')).toBeNull()
  })

  it('survives a renewal that gets no answer', async () => {
    const { session, api } = await open()
    session.begin(granted('old', 1))
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    await expect(api.GET('/v1/me')).rejects.toThrow('no answer')
    expect(session.status()).toBe('in')
  })
})
