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

  it('survives a renewal that gets no answer', async () => {
    const { session, api } = await open()
    session.begin(granted('old', 1))
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    await expect(api.GET('/v1/me')).rejects.toThrow('no answer')
    expect(session.status()).toBe('in')
  })
})
