/**
 * Times on screen, in Asia/Jakarta (WIB, UTC+7, no summer time).
 *
 * The names are held to Intl's by tests/time.test.ts. Intl itself is not asked: the first date that it
 * writes loads its calendars and zones, a tenth of a second on a cheap phone, in the middle of the first drawing.
 */
import type { Locale } from './locale.ts'

const JAKARTA_OFFSET_MS = 7 * 3_600_000

const NAMES = {
  id: {
    days: 'Minggu Senin Selasa Rabu Kamis Jumat Sabtu'.split(' '),
    months: 'Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember'.split(' '),
  },
  en: {
    days: 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' '),
    months: 'January February March April May June July August September October November December'.split(' '),
  },
}

export type TimeShape = 'day' | 'shortDay' | 'weekday' | 'month' | 'shortMonth' | 'time' | 'stamp' | 'seconds'

/** `value` is an RFC 3339 time, a plain date, or milliseconds. */
export function formatTime(value: string | number, shape: TimeShape, locale: Locale): string {
  const there = inJakarta(value)
  const day = there.getUTCDate()
  const month = NAMES[locale].months[there.getUTCMonth()]!
  const short = month.slice(0, 3)
  const year = there.getUTCFullYear()
  // Indonesian writes 15.30.05 in running text; beside amounts, colons are read faster.
  const clock = there.toISOString().slice(11, 19)
  const time = clock.slice(0, 5)
  switch (shape) {
    case 'day':
      return `${day} ${month} ${year}`
    case 'shortDay':
      return `${day} ${short}`
    case 'weekday':
      return `${NAMES[locale].days[there.getUTCDay()]}, ${day} ${month}`
    case 'month':
      return `${month} ${year}`
    case 'shortMonth':
      return short
    case 'time':
      return time
    case 'stamp':
      return `${day} ${short} ${year}, ${time}`
    case 'seconds':
      return `${day} ${month} ${year}, ${clock}`
  }
}

/**
 * The moment with Jakarta's clock in its UTC fields. A plain date stands for its noon there, which is the same
 * day everywhere in Indonesia.
 */
export function inJakarta(value: string | number): Date {
  const moment = new Date(typeof value === 'string' && value.length === 10 ? `${value}T05:00:00Z` : value)
  return new Date(moment.getTime() + JAKARTA_OFFSET_MS)
}
