/** The kinds of notices, in words, and which of them are switched on. */
import { msg } from '@lingui/core/macro'
import type { MessageDescriptor } from '@lingui/core'
import { queryOptions } from '@tanstack/react-query'
import { toast } from '@/components/ui/toast.tsx'
import { api, take, type Schemas } from '@/lib/api.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { queryClient } from '@/lib/queries.ts'

export type Settings = Schemas['NotificationSettings']
export type NotificationType = Settings['types'][number]['type']

export const TYPE_NAMES: Record<NotificationType, MessageDescriptor> = {
  'transfer.received': msg`Money received`,
  'transfer.sent': msg`Money sent`,
  'transfer.reversed': msg`Transfer reversed`,
  'topup.settled': msg`Top-up arrived`,
  'session.started': msg`Sign-in on a new device`,
  'session.reuse_detected': msg`An ended session was used again`,
  'password.changed': msg`Password changed`,
  'pin.changed': msg`PIN changed`,
  'pin.locked': msg`PIN locked`,
}

export const settingsQuery = queryOptions({
  queryKey: ['notification-settings'],
  queryFn: ({ signal }) => take(api.GET('/v1/notifications/settings', { signal })),
})

let changes = 0

/** The switch moves at once; where the server does not agree, what it holds is shown again. */
export async function enableType(type: NotificationType, enabled: boolean): Promise<void> {
  const key = settingsQuery.queryKey
  await queryClient.cancelQueries({ queryKey: key })
  const held = queryClient.getQueryData(key)
  if (!held) return
  const wanted = held.types.map((item) => (item.type === type ? { ...item, enabled } : item))
  queryClient.setQueryData(key, { types: wanted })
  const change = ++changes
  try {
    const muted = wanted.filter((item) => item.can_mute && !item.enabled).map((item) => item.type)
    const settings = await take(api.PUT('/v1/notifications/settings', { body: { muted } }))
    // Of several quick changes the last one's answer counts.
    if (change === changes) queryClient.setQueryData(key, settings)
  } catch (error) {
    toast(problemSentence(error))
    await queryClient.invalidateQueries({ queryKey: key })
  }
}
