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

describe('a request', () => {
  it('that finds the renewal throttled is throttled too, and does not leave without its token', async () => {
    const { session, api, take } = await open()
    session.begin(granted('old', 1))
    const urls: string[] = []
    vi.stubGlobal('fetch', (url: string) => {
      urls.push(url)
      return Promise.resolve(new Response('', { status: 429 }))
    })
    await expect(take(api.GET('/v1/me'))).rejects.toMatchObject({ slug: 'too-many-requests' })
    expect(urls).toEqual(['/v1/sessions/refresh'])
    expect(session.status()).toBe('in')
  })

  it('that a gateway refuses without a word is one of nobody', async () => {
    const { session, api, take } = await open()
    session.begin(granted('old', 1))
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('Jwt is expired', { status: 401 })))
    await expect(take(api.GET('/v1/me'))).rejects.toMatchObject({ slug: 'unauthenticated' })
    expect(session.status()).toBe('out')
  })

  it('to pay a code carries no session, and waits for none', async () => {
    const { session, api } = await open()
    session.begin(granted('old', 1))
    const sent: [string, string | null][] = []
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      sent.push([url, new Headers(init.headers).get('Authorization')])
      return Promise.resolve(json(200, {}))
    })
    await api.GET('/v1/pay/{token}', { params: { path: { token: 'abc' } } })
    expect(sent).toEqual([['/v1/pay/abc', null]])
  })

  it('waits as long for a file as the gateway does', async () => {
    const { api } = await open()
    const timeout = vi.spyOn(AbortSignal, 'timeout')
    vi.stubGlobal('fetch', () => Promise.resolve(json(200, {})))
    await api.GET('/v1/wallet')
    await api.GET('/v1/me/export', { parseAs: 'blob' })
    expect(timeout.mock.calls).toEqual([[20_000], [65_000]])
  })
})

describe('a sign-out', () => {
  /** A server that is away, or there; returns what it was asked. */
  function serve(answer: (url: string) => Response | Promise<Response>) {
    const asked: string[] = []
    vi.stubGlobal('fetch', (url: string, { method = 'GET' }: RequestInit) => {
      asked.push(`${method} ${url}`)
      return Promise.resolve().then(() => answer(url))
    })
    return asked
  }

  const away = () => Promise.reject(new TypeError('Failed to fetch'))
  const there = (url: string) => (url.endsWith('refresh') ? json(200, granted('late')) : new Response(null, { status: 204 }))
  const owed = () => localStorage.getItem('ewl.sign-out')
  const open = async () => {
    vi.resetModules()
    return { ...(await import('@/lib/session.ts')), ...(await import('@/lib/api.ts')), ...(await import('@/lib/sign-out.ts')) }
  }

  it('that the server has heard is over', async () => {
    const { session, signOut } = await open()
    session.begin(granted('one'))
    serve(there)
    expect(await signOut()).toBe(true)
    expect([session.status(), owed()]).toEqual(['out', null])
  })

  it('that nobody has heard holds here, and is told when somebody is there', async () => {
    const { session, signOut, settleSignOut } = await open()
    session.begin(granted('one'))
    serve(away)
    expect(await signOut()).toBe(false)
    expect([session.status(), owed()]).toEqual(['out', '1'])
    await settleSignOut()
    expect(owed()).toBe('1')
    const asked = serve(there)
    await settleSignOut()
    expect(asked).toEqual(['POST /v1/sessions/refresh', 'DELETE /v1/sessions/current'])
    expect([session.status(), owed()]).toEqual(['out', null])
  })

  it('is not owed where the session has ended by itself', async () => {
    const { settleSignOut } = await open()
    localStorage.setItem('ewl.sign-out', '1')
    serve(() => json(401, { type: '/problems/unauthenticated' }))
    await settleSignOut()
    expect(owed()).toBeNull()
  })

  it('is told before anybody else signs in, whose cookie its answer would take away', async () => {
    const { session, api, settleSignOut } = await open()
    localStorage.setItem('ewl.sign-out', '1')
    const asked = serve(there)
    session.settle(settleSignOut())
    await api.POST('/v1/sessions', { body: { username: 'budi', password: 'k'.repeat(12), keep_signed_in: false } })
    expect(asked).toEqual(['POST /v1/sessions/refresh', 'DELETE /v1/sessions/current', 'POST /v1/sessions'])
  })
})
