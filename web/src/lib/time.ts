/**
 * Times on screen, in Asia/Jakarta (WIB, UTC+7, no summer time). Each Intl format
 * is built once: building one in render costs more than the render.
 */
import type { Locale } from './locale.ts'

const ZONE = 'Asia/Jakarta'

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
export function asDate(value: string | number): Date {
  return new Date(typeof value === 'string' && value.length === 10 ? `${value}T05:00:00Z` : value)
}
