/**
 * Notices on this device (Web Push). One subscription belongs to one session: the server
 * forgets it when the session ends, and this device asks again at each start.
 */
import { api, take } from './api.ts'
import { currentLocale } from './locale.ts'
import { storage } from './storage.ts'

/** `blocked`: the person told the browser never to ask. `unsupported`: no push here, as on plain HTTP. */
export type PushState = 'on' | 'off' | 'blocked' | 'unsupported'

export async function pushState(): Promise<PushState> {
  if (!isSupported()) return 'unsupported'
  if (Notification.permission === 'denied') return 'blocked'
  return storage.get('push') !== null && (await heldSubscription()) !== null ? 'on' : 'off'
}

/** Called from a tap alone: the browser's question must never come by itself. */
export async function turnPushOn(): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted') return pushState()
  await subscribe()
  storage.set('push', '1')
  return 'on'
}

export async function turnPushOff(): Promise<PushState> {
  storage.set('push', null)
  await (await heldSubscription())?.unsubscribe()
  await take(api.DELETE('/v1/notifications/push'))
  return 'off'
}

/** At each start, and in a new language: the server keeps a device for thirty days. */
export async function renewPush(): Promise<void> {
  if (isSupported() && storage.get('push') !== null && Notification.permission === 'granted') await subscribe()
}

/** At sign-out: the next person on this device must not read the notices of the last. */
export async function dropPush(): Promise<void> {
  if (isSupported()) await (await heldSubscription())?.unsubscribe()
}

function isSupported(): boolean {
  return 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis
}

async function heldSubscription(): Promise<PushSubscription | null> {
  // A page without a worker (a development build) would wait for one for ever.
  const registration = await navigator.serviceWorker.getRegistration()
  return (await registration?.pushManager.getSubscription()) ?? null
}

async function subscribe(): Promise<void> {
  const { public_key: key } = await take(api.GET('/v1/notifications/push'))
  const { pushManager } = await navigator.serviceWorker.ready
  const options = { userVisibleOnly: true, applicationServerKey: key }
  const subscription = await pushManager.subscribe(options).catch(async () => {
    // One that stands under an earlier key of ours has to go first.
    await (await pushManager.getSubscription())?.unsubscribe()
    return pushManager.subscribe(options)
  })
  const { endpoint, keys } = subscription.toJSON()
  const body = { endpoint: endpoint ?? '', keys: { p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' }, language: currentLocale() }
  await take(api.PUT('/v1/notifications/push', { body }))
}
