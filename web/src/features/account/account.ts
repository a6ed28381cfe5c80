import { toast } from '@/components/ui/toast.tsx'
import { api, take } from '@/lib/api.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { session } from '@/lib/session.ts'
import { downloadFile } from '@/lib/share.ts'

/** Ends the session here even when the server cannot be told; its cookie then ends by itself. */
export async function signOut(): Promise<void> {
  await take(api.DELETE('/v1/sessions/current')).catch(() => undefined)
  session.leave()
}

/** Everything that is stored about the signed-in person, as one file. */
export async function downloadMyData(): Promise<void> {
  try {
    downloadFile(await take(api.GET('/v1/me/export', { parseAs: 'blob' })), 'e-wallet-data.json')
  } catch (error) {
    toast(problemSentence(error))
  }
}
