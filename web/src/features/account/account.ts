import { api, take } from '@/lib/api.ts'
import { session } from '@/lib/session.ts'

/** Ends the session here even when the server cannot be told; its cookie then ends by itself. */
export async function signOut(): Promise<void> {
  await take(api.DELETE('/v1/sessions/current')).catch(() => undefined)
  session.end()
}
