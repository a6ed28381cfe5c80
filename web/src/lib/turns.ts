/**
 * Which tab asks about what several of them show. The one that asks holds a lock, and tabs that
 * are seen stand in line for it: when the holder dies, exactly one of them goes on, untouched.
 * Web Locks exist in secure contexts only; without them the next tab that is touched goes on.
 */
const locks = (navigator as { locks?: LockManager }).locks
const awaited = new Set<string>()
let line = new AbortController()

/** Holds the turn while `work` lasts, over whoever had it: that tab may be frozen. */
export function takeTurn(name: string, work: Promise<void>) {
  void locks?.request(name, { steal: true }, () => work).catch(() => undefined)
}

/** Does `work` when the tab that holds the turn has finished, or died; a hidden tab does not wait for that. */
export function awaitTurn(name: string, work: () => Promise<void>) {
  if (document.hidden || awaited.has(name)) return
  awaited.add(name)
  void locks
    ?.request(name, { signal: line.signal }, work)
    .catch(() => undefined)
    .finally(() => awaited.delete(name))
}

addEventListener('visibilitychange', () => {
  if (!document.hidden) return
  line.abort()
  line = new AbortController()
})
