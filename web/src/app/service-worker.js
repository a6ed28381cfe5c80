/**
 * The offline shell: the app's own files, and nothing of anybody's money.
 *
 * A request for /v1/ is never touched: the worker must not answer for the bank. What a push
 * says is shown as it came; a tap on it leads to the receipt or the inbox.
 * A new version waits until the person agrees (message `activate`), so that a
 * page in the middle of a payment is never swapped under their hands.
 */
const VERSION = '__VERSION__'
const FILES = ['__FILES__']
const SHELL = `shell-${VERSION}`
const EXTRAS = ['/', '/theme.js', '/icon.svg', '/icon-192.png', '/manifest.webmanifest']

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll([...EXTRAS, ...FILES])))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('message', (event) => {
  if (event.data === 'activate') self.skipWaiting()
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (/^\/(v1|__dev|\.well-known)(\/|$)/.test(url.pathname)) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (FILES.includes(url.pathname) || EXTRAS.includes(url.pathname)) event.respondWith(file(request))
})

/** Pages come from the network, and from the shell when there is none. */
async function page(request) {
  try {
    return await fetch(request)
  } catch {
    const shell = await caches.match('/', { cacheName: SHELL })
    return shell ?? Response.error()
  }
}

/** Files carry a hash in their name, so the stored copy is always right. */
async function file(request) {
  return (await caches.match(request, { cacheName: SHELL })) ?? fetch(request)
}

self.addEventListener('push', (event) => {
  const { id, text, transfer_id: transfer } = readNotice(event.data)
  const path = /^[0-9a-f-]{36}$/.test(transfer ?? '') ? `/tx/${transfer}` : '/inbox'
  const shown = { body: text, tag: id, icon: '/icon-192.png', badge: '/badge.png', data: { path } }
  event.waitUntil(self.registration.showNotification('E-Wallet Lite', shown))
})

/** A browser shows something for every push; one that cannot be read still leads to the inbox. */
function readNotice(data) {
  try {
    return data.json()
  } catch {
    return { text: 'Ada kabar baru · There is news' }
  }
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(event.notification.data?.path ?? '/inbox'))
})

/** In a window that is open already, unless it is in the middle of a payment. */
async function open(path) {
  const windows = await self.clients.matchAll({ type: 'window' })
  const free = windows.find((client) => !/^\/(send|topup|pay|tx)(\/|$)/.test(new URL(client.url).pathname))
  const arrived = await free?.navigate(path).catch(() => null)
  return arrived ? arrived.focus() : self.clients.openWindow(path)
}
