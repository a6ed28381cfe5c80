/** Installing the app: the browser's own question, held back until somebody asks for it. */
import { useSyncExternalStore } from 'react'

interface InstallEvent extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>
}

let held: InstallEvent | null = null
const listeners = new Set<() => void>()

function hold(event: InstallEvent | null) {
  held = event
  for (const listener of listeners) listener()
}

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  hold(event as InstallEvent)
})
addEventListener('appinstalled', () => hold(null))

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether the browser would install the app now. */
export function useInstallable(): boolean {
  return useSyncExternalStore(subscribe, () => held !== null)
}

/** Asks once; the browser gives a question only once, too. */
export async function install(): Promise<void> {
  const event = held
  hold(null)
  await event?.prompt()
}

/** Safari on a phone asks nothing and installs by its share menu; only there `standalone` exists. */
export function installsByShareMenu(): boolean {
  return (navigator as { standalone?: boolean }).standalone === false
}
