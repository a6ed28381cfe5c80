import { useSyncExternalStore } from 'react'

/** Long enough to read one line twice. */
const SHOWN_MS = 4_000

let current = ''
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

/** Says one line at the bottom of the screen, and to a screen reader. */
export function toast(text: string) {
  clearTimeout(timer)
  show(text)
  timer = setTimeout(() => show(''), SHOWN_MS)
}

function show(text: string) {
  current = text
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Stands once, at the root. */
export function Toaster() {
  const text = useSyncExternalStore(subscribe, () => current)
  return (
    <div role="status" className="pointer-events-none fixed inset-x-5 bottom-24 z-50 grid justify-items-center">
      {text && (
        <p key={text} className="animate-rise rounded-md bg-ink px-4 py-3 text-sm font-medium text-canvas shadow-card">
          {text}
        </p>
      )}
    </div>
  )
}
