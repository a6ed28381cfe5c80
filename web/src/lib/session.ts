/**
 * Who is signed in. The access token lives in this module's memory and nowhere
 * else; the refresh token is an HttpOnly cookie that no script can read. What is
 * stored is one mark, without any secret, that says a cookie may be there.
 */
import { useSyncExternalStore } from 'react'
import { hearDate } from './clock.ts'
import { isProblem, ProblemError } from './problem.ts'
import { storage } from './storage.ts'

interface Token {
  value: string
  expiresAt: number
  userId: string
}

export type SessionStatus = 'unknown' | 'in' | 'out'

/** Renewed this long before the end, so that a slow request never carries a dead token. */
const RENEW_BEFORE_MS = 20_000
const REFRESH_TIMEOUT_MS = 15_000

let token: Token | null = null
let status: SessionStatus = storage.get('session') === null ? 'out' : 'unknown'
let renewal: Promise<void> | null = null
let left = false
let debt: Promise<unknown> | undefined
const listeners = new Set<() => void>()
const endings = new Set<() => void>()
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('ewl.session')

interface Granted {
  access_token: string
  expires_in: number
}

export const session = {
  status: (): SessionStatus => status,
  userId: (): string | null => token?.userId ?? null,

  /** Takes the token of a fresh sign-in or registration. */
  begin(granted: Granted) {
    // Nothing of whoever was here before, not even what a sign-out in a crash has left.
    clear()
    storage.set('sign-out', null)
    storage.set('session', '1')
    adopt(readToken(granted))
    channel?.postMessage({ kind: 'token', token })
  },

  /** Forgets everything about the signed-in person, here and in the other tabs. */
  end() {
    if (status !== 'out') channel?.postMessage({ kind: 'end', left })
    forget()
  },

  /** Ends it because its owner says so: whoever signs in next is not led to where that was. */
  leave() {
    left = true
    session.end()
  },

  /** A sign-out that the server has not heard of is told it before anybody else signs in: its answer takes the cookie away. */
  settle(telling: Promise<unknown>) {
    debt = telling.catch(() => undefined)
  },

  wasLeft: (): boolean => left,

  /** Resolves once it is known whether somebody is signed in. */
  async ready(): Promise<SessionStatus> {
    if (status === 'unknown') await renew().catch(() => undefined)
    return status
  },

  /** A token that is good for the next request, or null when nobody is signed in. */
  async accessToken(): Promise<string | null> {
    if (status === 'out') {
      await debt
      return null
    }
    if (!token || token.expiresAt - RENEW_BEFORE_MS < Date.now()) await renew()
    return token?.value ?? null
  },

  /** Replaces a token that the server refused. */
  async replace(refused: string): Promise<string | null> {
    if (token?.value === refused) token.expiresAt = 0
    return session.accessToken()
  },

  onEnd(listener: () => void) {
    endings.add(listener)
  },

  subscribe: (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}

export function useSessionStatus(): SessionStatus {
  return useSyncExternalStore(session.subscribe, session.status)
}

channel?.addEventListener('message', (event: MessageEvent<{ kind: 'token'; token: Token } | { kind: 'end'; left: boolean }>) => {
  if (event.data.kind === 'end') {
    left = event.data.left
    return forget()
  }
  const other = event.data.token
  if (token && token.userId !== other.userId) return location.reload()
  adopt(other)
})

/** One renewal at a time: in this tab by the promise, across tabs by a lock. */
function renew(): Promise<void> {
  renewal ??= withLock(async () => {
    if (token && token.expiresAt - RENEW_BEFORE_MS > Date.now()) return
    const before = token
    const renewed = readToken(await requestRefresh())
    // Somebody signed out, or in, while the answer was on its way.
    if (status === 'out' || token !== before) return
    adopt(renewed)
    channel?.postMessage({ kind: 'token', token })
  })
    .catch((error: unknown) => {
      if (isProblem(error, 'unauthenticated', 'forbidden')) session.end()
      throw error
    })
    .finally(() => {
      renewal = null
    })
  return renewal
}

/** Web Locks exist in secure contexts only; a phone on plain local HTTP goes without. */
function withLock(work: () => Promise<void>): Promise<void> {
  const locks = (navigator as { locks?: LockManager }).locks
  return locks ? locks.request('ewl.refresh', work) : work()
}

export async function requestRefresh(): Promise<Granted> {
  const askedAt = Date.now()
  const response = await fetch('/v1/sessions/refresh', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(REFRESH_TIMEOUT_MS),
  })
  hearDate(response.headers.get('Date'), askedAt)
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new ProblemError(response.status, body, response.headers)
  return body as Granted
}

function readToken(granted: Granted): Token {
  const payload = granted.access_token.split('.')[1] ?? ''
  const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { sub: string }
  return { value: granted.access_token, expiresAt: Date.now() + granted.expires_in * 1000, userId: claims.sub }
}

function adopt(next: Token) {
  token = next
  left = false
  change('in')
}

function forget() {
  token = null
  clear()
  change('out')
}

function clear() {
  for (const listener of endings) listener()
  storage.clearPersonal()
}

function change(next: SessionStatus) {
  if (status === next) return
  status = next
  for (const listener of listeners) listener()
}
