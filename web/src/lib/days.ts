/** Days as people count them in Jakarta (UTC+7, no summer time), written YYYY-MM-DD. */
import { serverNow } from './clock.ts'
import { inJakarta } from './time.ts'

const DAY_MS = 86_400_000

/** The day in Jakarta, as YYYY-MM-DD. */
export function jakartaDay(value: string | number = serverNow()): string {
  return inJakarta(value).toISOString().slice(0, 10)
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

export function monthStart(day: string, monthsBack = 0): string {
  const date = new Date(`${day}T00:00:00Z`)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - monthsBack, 1)).toISOString().slice(0, 10)
}

export function monthEnd(day: string): string {
  return addDays(monthStart(addDays(monthStart(day), 32)), -1)
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS)
}
