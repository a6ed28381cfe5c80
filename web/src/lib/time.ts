/**
 * Times on screen, in Asia/Jakarta (WIB, UTC+7, no summer time). Each Intl format
 * is built once: building one in render costs more than the render.
 */
import { serverNow } from './clock.ts'
import type { Locale } from './locale.ts'

const ZONE = 'Asia/Jakarta'
const JAKARTA_OFFSET_MS = 7 * 3_600_000
const DAY_MS = 86_400_000

const SHAPES = {
  day: { day: 'numeric', month: 'long', year: 'numeric' },
  shortDay: { day: 'numeric', month: 'short' },
  weekday: { weekday: 'long', day: 'numeric', month: 'long' },
  month: { month: 'long', year: 'numeric' },
  shortMonth: { month: 'short' },
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  stamp: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  seconds: { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
} satisfies Record<string, Intl.DateTimeFormatOptions>

export type TimeShape = keyof typeof SHAPES
const formats = new Map<string, Intl.DateTimeFormat>()

/** `value` is an RFC 3339 time, a plain date, or milliseconds. */
export function formatTime(value: string | number, shape: TimeShape, locale: Locale): string {
  const key = `${locale} ${shape}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat(locale === 'id' ? 'id-ID' : 'en-GB', { ...SHAPES[shape], timeZone: ZONE })
    formats.set(key, format)
  }
  // Indonesian writes 15.30.05 with "pukul" before it; beside amounts, colons are read faster.
  return format.format(asDate(value)).replace(' pukul', ',').replace(/(\d{2})\.(\d{2})(?:\.(\d{2}))?/, (_, ...parts: string[]) => parts.slice(0, 3).filter(Boolean).join(':'))
}

/** A plain date stands for its noon in Jakarta, which is the same day everywhere in Indonesia. */
function asDate(value: string | number): Date {
  return new Date(typeof value === 'string' && value.length === 10 ? `${value}T05:00:00Z` : value)
}

/** The day in Jakarta, as YYYY-MM-DD. */
export function jakartaDay(value: string | number = serverNow()): string {
  return new Date(asDate(value).getTime() + JAKARTA_OFFSET_MS).toISOString().slice(0, 10)
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

/** `4:07`, for countdowns; never below zero. */
export function formatCountdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000))
  const minutes = Math.floor(seconds / 60)
  const rest = String(seconds % 60).padStart(2, '0')
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}
