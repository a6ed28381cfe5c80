/** Signing out, which must hold at the server too: where it cannot be told now, it is told later. */
import { api, take } from './api.ts'
import { isProblem } from './problem.ts'
import { requestRefresh, session } from './session.ts'
import { storage } from './storage.ts'

const TIMEOUT_MS = 15_000

/** Ends the session here in any case; returns whether the server knows. Where it does not, `settleSignOut` is owed. */
export async function signOut(): Promise<boolean> {
  const told = await take(api.DELETE('/v1/sessions/current')).then(() => true, hasEnded)
  storage.set('sign-out', told ? null : '1')
  session.leave()
  return told
}

/** Tells the server of a sign-out that it has not heard of: the cookie is still there, and ends with its session. */
export async function settleSignOut(): Promise<void> {
  const told = await tell().catch(hasEnded)
  if (told) storage.set('sign-out', null)
}

async function tell(): Promise<boolean> {
  const { access_token: token } = await requestRefresh()
  const headers = { Authorization: `Bearer ${token}` }
  const answer = await fetch('/v1/sessions/current', { method: 'DELETE', headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
  return answer.ok
}

function hasEnded(error: unknown): boolean {
  return isProblem(error, 'unauthenticated', 'forbidden')
}
