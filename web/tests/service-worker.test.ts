/** The service worker: what it shows of a push, where a tap leads, and what it never answers. */
import { readFileSync } from 'node:fs'
import { beforeEach, expect, it, vi } from 'vitest'

const SOURCE = readFileSync('src/app/service-worker.js', 'utf8')
const TRANSFER = '0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70'

type Handler = (event: Record<string, unknown>) => void
let handlers: Record<string, Handler>
let windows: { url: string; navigate: (path: string) => Promise<unknown>; focus: () => void }[]
const showNotification = vi.fn()
const openWindow = vi.fn()

/** Runs the worker's own source in a world of fakes. */
beforeEach(() => {
  handlers = {}
  windows = []
  vi.clearAllMocks()
  const self = {
    location: { origin: 'https://wallet.example' },
    addEventListener: (name: string, handler: Handler) => (handlers[name] = handler),
    registration: { showNotification },
    clients: { matchAll: () => Promise.resolve(windows), openWindow },
  }
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('self', 'caches', 'fetch', SOURCE)(self, {}, vi.fn())
})

/** Gives the worker an event, and waits for what it asked to be waited for. */
async function happen(name: string, event: Record<string, unknown>) {
  const waits: unknown[] = []
  handlers[name]!({ ...event, waitUntil: (work: unknown) => waits.push(work) })
  await Promise.all(waits)
}

const push = (notice: unknown) => happen('push', { data: { json: () => notice } })
const tap = (path: string) => happen('notificationclick', { notification: { close: vi.fn(), data: { path } } })
const openAt = (path: string) => {
  const arrived = { focus: vi.fn() }
  const client = { url: `https://wallet.example${path}`, navigate: vi.fn(() => Promise.resolve(arrived)), focus: vi.fn() }
  windows.push(client)
  return { client, arrived }
}

it('shows the sentence of a push, and leads to the receipt', async () => {
  await push({ id: 'e1', type: 'transfer.received', text: 'Anda menerima Rp 20.000', transfer_id: TRANSFER })
  expect(showNotification).toHaveBeenCalledWith('E-Wallet Lite', expect.objectContaining({ body: 'Anda menerima Rp 20.000', tag: 'e1', data: { path: `/tx/${TRANSFER}` } }))
})

it.each([
  ['a security notice', { text: 'PIN Anda terkunci', transfer_id: null }],
  ['an address in the place of an id', { text: 'x', transfer_id: '../../evil' }],
])('leads to the inbox from %s', async (_, notice) => {
  await push(notice)
  expect(showNotification).toHaveBeenCalledWith('E-Wallet Lite', expect.objectContaining({ data: { path: '/inbox' } }))
})

it('shows something for a push that cannot be read', async () => {
  await happen('push', { data: null })
  expect(showNotification).toHaveBeenCalledOnce()
})

it('opens a tap in the window that is there', async () => {
  const { client, arrived } = openAt('/home')
  await tap(`/tx/${TRANSFER}`)
  expect(client.navigate).toHaveBeenCalledWith(`/tx/${TRANSFER}`)
  expect(arrived.focus).toHaveBeenCalled()
  expect(openWindow).not.toHaveBeenCalled()
})

it.each(['/send/review?id=1', '/topup', '/pay/token', `/tx/${TRANSFER}`])('leaves a window alone that is at %s', async (path) => {
  const { client } = openAt(path)
  await tap('/inbox')
  expect(client.navigate).not.toHaveBeenCalled()
  expect(openWindow).toHaveBeenCalledWith('/inbox')
})

it.each(['/v1/wallet', '/v1', '/__dev/api/books', '/.well-known/jwks.json'])('never answers for %s', (path) => {
  const respondWith = vi.fn()
  handlers['fetch']!({ request: { method: 'GET', mode: 'cors', url: `https://wallet.example${path}` }, respondWith })
  expect(respondWith).not.toHaveBeenCalled()
})
