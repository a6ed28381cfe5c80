/** Whether somebody is using this page: polling is brisk while they are and slow when they are not. */
const IDLE_AFTER_MS = 180_000
let last = Date.now()

for (const name of ['pointerdown', 'keydown', 'scroll', 'visibilitychange']) {
  addEventListener(name, () => (last = Date.now()), { capture: true, passive: true })
}

export const activity = {
  isIdle: () => Date.now() - last > IDLE_AFTER_MS,
}
