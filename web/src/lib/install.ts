/** Installing the app: the browser's own question, held back until somebody asks for it. */
import { startTransition, useEffect, useState } from 'react'

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

/** Whether the browser would install the app now. It never holds up what a page is opened for: it becomes true after that is drawn. */
export function useInstallable(): boolean {
  const [installable, setInstallable] = useState(false)
  useEffect(() => {
    const look = () => startTransition(() => setInstallable(held !== null))
    look()
    listeners.add(look)
    return () => void listeners.delete(look)
  }, [])
  return installable
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
