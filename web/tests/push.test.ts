/** Notices on this device: asked for by a tap, renewed at each start, gone with the person. */
import { beforeEach, expect, it, vi } from 'vitest'
import { changeSecret } from '@/features/account/account.ts'
import { pushState, renewPush, turnPushOff, turnPushOn } from '@/lib/push.ts'

const sent: { method: string; url: string; body: unknown }[] = []
const unsubscribe = vi.fn(() => Promise.resolve(true))
const subscription = { unsubscribe, toJSON: () => ({ endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' } }) }
const pushManager = { subscribe: vi.fn(() => Promise.resolve(subscription)), getSubscription: vi.fn(() => Promise.resolve<unknown>(subscription)) }
const requestPermission = vi.fn<() => Promise<NotificationPermission>>()

beforeEach(() => {
  sent.length = 0
  vi.clearAllMocks()
  const registration = { pushManager }
  vi.stubGlobal('navigator', { onLine: true, serviceWorker: { ready: Promise.resolve(registration), getRegistration: () => Promise.resolve(registration) } })
  vi.stubGlobal('PushManager', class {})
  vi.stubGlobal('Notification', { permission: 'granted', requestPermission })
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    sent.push({ method: init.method!, url, body: init.body === undefined ? null : JSON.parse(init.body as string) })
    return Promise.resolve(init.method === 'GET' ? new Response('{"public_key":"BKey"}') : new Response(null, { status: 204 }))
  })
})

it('asks, subscribes with our key, and tells the server in the language of the app', async () => {
  requestPermission.mockResolvedValue('granted')
  expect(await turnPushOn()).toBe('on')
  expect(pushManager.subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: 'BKey' })
  expect(sent.at(-1)).toEqual({ method: 'PUT', url: '/v1/notifications/push', body: { endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' }, language: 'id' } })
  expect(await pushState()).toBe('on')
})

it('sends nothing when the person says no', async () => {
  requestPermission.mockResolvedValue('denied')
  vi.stubGlobal('Notification', { permission: 'denied', requestPermission })
  expect(await turnPushOn()).toBe('blocked')
  expect(sent).toEqual([])
})

it('puts a subscription under an earlier key aside', async () => {
  requestPermission.mockResolvedValue('granted')
  pushManager.subscribe.mockRejectedValueOnce(new DOMException('other key', 'InvalidStateError'))
  expect(await turnPushOn()).toBe('on')
  expect(unsubscribe).toHaveBeenCalledOnce()
})

it('is renewed only where it was chosen on this device', async () => {
  await renewPush()
  expect(sent).toEqual([])
  localStorage.setItem('ewl.push', '1')
  await renewPush()
  expect(sent.map(({ method }) => method)).toEqual(['GET', 'PUT'])
  expect(requestPermission).not.toHaveBeenCalled()
})

it('ends here and at the server', async () => {
  localStorage.setItem('ewl.push', '1')
  expect(await turnPushOff()).toBe('off')
  expect(unsubscribe).toHaveBeenCalledOnce()
  expect(sent).toEqual([{ method: 'DELETE', url: '/v1/notifications/push', body: null }])
  expect(localStorage.getItem('ewl.push')).toBeNull()
})

it('is unsupported on plain HTTP, where a browser has no worker', async () => {
  vi.stubGlobal('navigator', { onLine: true })
  expect(await pushState()).toBe('unsupported')
})

it('is asked for anew by the device that has changed its password or PIN, for the change has ended it everywhere', async () => {
  localStorage.setItem('ewl.push', '1')
  await expect(changeSecret(Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  expect(sent).toEqual([])
  await changeSecret(Promise.resolve())
  await vi.waitFor(() => expect(sent.map(({ method }) => method)).toEqual(['GET', 'PUT']))
})
