import { toast } from '@/components/ui/toast.tsx'
import { api, take } from '@/lib/api.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { renewPush } from '@/lib/push.ts'
import { downloadFile } from '@/lib/share.ts'

/** Everything that is stored about the signed-in person, as one file. */
export async function downloadMyData(): Promise<void> {
  try {
    downloadFile(await take(api.GET('/v1/me/export', { parseAs: 'blob' })), 'e-wallet-data.json')
  } catch (error) {
    toast(problemSentence(error))
  }
}

/** A new password or PIN ends what the person's devices are told; the one that changed it goes on. */
export async function changeSecret(change: Promise<unknown>): Promise<void> {
  await change
  void renewPush().catch(() => undefined)
}
