/** Whether somebody is using this page: polling is brisk while they are, and slows down when nobody has been there for long. */
const IDLE_AFTER_MS = 900_000
let last = Date.now()

const touch = () => void (last = Date.now())
for (const name of ['pointerdown', 'keydown', 'scroll', 'visibilitychange']) {
  addEventListener(name, touch, { capture: true, passive: true })
}

export const activity = {
  isIdle: () => Date.now() - last > IDLE_AFTER_MS,
  /** Money that moves is a sign of somebody, too: a shop's phone on the counter is not touched. */
  touch,
}
