/** The service worker's registration, and the new version that may be waiting behind it. */
import { scriptUrl } from '@/lib/script-urls.ts'

let waiting: ServiceWorker | null = null
const listeners = new Set<() => void>()

export const workerUpdate = {
  waiting: () => waiting,

  subscribe: (listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },

  /** Hands over to the new version and loads the page from it. */
  take: () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
    waiting?.postMessage('activate')
  },
}

/** Service workers exist in secure contexts only. */
export async function registerWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  const registration = await navigator.serviceWorker.register(scriptUrl('/sw.js'))
  announce(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed' && navigator.serviceWorker.controller) announce(coming)
    })
  })
}

function announce(worker: ServiceWorker | null) {
  if (!worker || !navigator.serviceWorker.controller) return
  waiting = worker
  for (const listener of listeners) listener()
}
