/**
 * The present, by the server's clock: locks and codes end at moments of the server's, and a
 * device whose clock is wrong must not show them open. As React state one timer serves all.
 */
import { useSyncExternalStore } from 'react'

/** The server's clock minus the device's, in milliseconds, lies between these two. */
let least = -Infinity
let most = Infinity

/** Takes the Date of an answer: whole seconds, written after `askedAt` and before `now`. */
export function hearDate(date: string | null, askedAt: number, now: number = Date.now()) {
  const written = Date.parse(date ?? '')
  if (Number.isNaN(written) || now < askedAt) return
  const from = written - now
  const to = written + 1000 - askedAt
  // An answer that contradicts the ones before it means that a clock was put right.
  const agrees = from <= most && to >= least
  least = agrees ? Math.max(least, from) : from
  most = agrees ? Math.min(most, to) : to
}

/** Turns a moment of the device's clock into the server's; a device that may be right is believed. */
export function toServerTime(deviceTime: number): number {
  return least > 0 || most < 0 ? deviceTime + (least + most) / 2 : deviceTime
}

export function serverNow(): number {
  return toServerTime(Date.now())
}

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let second = Math.floor(serverNow() / 1000)

function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(tick, 250)
  tick()
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

function tick() {
  const now = Math.floor(serverNow() / 1000)
  if (now === second) return
  second = now
  for (const listener of listeners) listener()
}

/** Milliseconds by the server's clock, in steps of a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => second * 1000)
}
