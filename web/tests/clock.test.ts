/** Countdowns run by the server's clock, whatever the device's says. */
import { beforeEach, expect, it, vi } from 'vitest'

const DEVICE = Date.parse('2026-11-22T10:00:00.400Z')
const HOUR_MS = 3_600_000

beforeEach(() => {
  vi.resetModules()
  vi.useFakeTimers({ now: DEVICE })
})

const load = () => import('@/lib/clock.ts')
const dated = (milliseconds: number) => new Date(milliseconds).toUTCString()

it('believes a device that may be right: a Date has whole seconds', async () => {
  const { hearDate, serverNow } = await load()
  hearDate(dated(DEVICE), DEVICE - 80)
  expect(serverNow()).toBe(DEVICE)
})

it.each([HOUR_MS, -HOUR_MS])('puts a device right that is wrong by %i ms', async (wrong) => {
  const { hearDate, serverNow, toServerTime } = await load()
  hearDate(dated(DEVICE + wrong), DEVICE - 80)
  expect(Math.abs(serverNow() - (DEVICE + wrong))).toBeLessThan(1_100)
  expect(toServerTime(DEVICE) - DEVICE).toBeCloseTo(serverNow() - DEVICE)
})

it('knows the offset better with each answer', async () => {
  const { hearDate, serverNow } = await load()
  const server = () => Date.now() + HOUR_MS
  for (let answers = 0; answers < 20; answers++) {
    hearDate(dated(server()), Date.now() - 20)
    vi.advanceTimersByTime(1_330)
  }
  expect(Math.abs(serverNow() - server())).toBeLessThan(150)
})

it('follows a clock that is put right in between', async () => {
  const { hearDate, serverNow } = await load()
  hearDate(dated(DEVICE + HOUR_MS), DEVICE - 80)
  hearDate(dated(DEVICE), DEVICE - 80)
  expect(serverNow()).toBe(DEVICE)
})

it('learns nothing from an answer without a date', async () => {
  const { hearDate, serverNow } = await load()
  hearDate(null, DEVICE - 80)
  hearDate('yesterday', DEVICE - 80)
  expect(serverNow()).toBe(DEVICE)
})

it("tells the server's day, not the device's", async () => {
  const { hearDate } = await load()
  const { jakartaDay } = await import('@/lib/days.ts')
  expect(jakartaDay()).toBe('2026-11-22')
  hearDate(dated(DEVICE + 24 * HOUR_MS), DEVICE - 80)
  expect(jakartaDay()).toBe('2026-11-23')
})
