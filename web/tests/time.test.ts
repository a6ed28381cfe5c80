import { expect, it } from 'vitest'
import { groupByDay } from '@/features/activity/day-groups.ts'
import { periodBefore, periodOf } from '@/features/insights/periods.ts'
import type { Entry } from '@/lib/queries.ts'
import { formatCountdown } from '@/lib/countdown.ts'
import { addDays, jakartaDay, monthEnd, monthStart } from '@/lib/days.ts'
import { formatTime } from '@/lib/time.ts'

it('tells the day of Jakarta, which begins seven hours before that of UTC', () => {
  expect(jakartaDay('2026-11-22T16:59:59Z')).toBe('2026-11-22')
  expect(jakartaDay('2026-11-22T17:00:00Z')).toBe('2026-11-23')
})

it.each([
  ['day', '3 September 2026', '3 September 2026'],
  ['shortDay', '3 Sep', '3 Sep'],
  ['weekday', 'Kamis, 3 September', 'Thursday, 3 September'],
  ['month', 'September 2026', 'September 2026'],
  ['shortMonth', 'Sep', 'Sep'],
  ['time', '01:05', '01:05'],
  ['stamp', '3 Sep 2026, 01:05', '3 Sep 2026, 01:05'],
  ['seconds', '3 September 2026, 01:05:09', '3 September 2026, 01:05:09'],
] as const)('writes the %s of Jakarta with colons, in both languages', (shape, indonesian, english) => {
  expect(formatTime('2026-09-02T18:05:09Z', shape, 'id')).toBe(indonesian)
  expect(formatTime('2026-09-02T18:05:09Z', shape, 'en')).toBe(english)
})

it.each(['id', 'en'] as const)('calls days and months what Intl calls them (%s)', (locale) => {
  const names = (options: Intl.DateTimeFormatOptions, value: string) => new Intl.DateTimeFormat(locale, { ...options, timeZone: 'Asia/Jakarta' }).format(new Date(value))
  for (let month = 1; month <= 12; month++) {
    const value = `2026-${String(month).padStart(2, '0')}-0${(month % 7) + 1}`
    expect(formatTime(value, 'month', locale)).toBe(`${names({ month: 'long' }, value)} 2026`)
    expect(formatTime(value, 'shortMonth', locale)).toBe(names({ month: 'short' }, value).slice(0, 3))
    expect(formatTime(value, 'weekday', locale).split(',')[0]).toBe(names({ weekday: 'long' }, value))
  }
})

it('counts months and days over their ends', () => {
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
  expect(monthStart('2026-01-15', 2)).toBe('2025-11-01')
  expect(monthEnd('2026-02-01')).toBe('2026-02-28')
  expect(monthEnd('2026-12-31')).toBe('2026-12-31')
})

it('counts down and stops at zero', () => {
  expect(formatCountdown(247_000)).toBe('4:07')
  expect(formatCountdown(3_600_000)).toBe('1:00:00')
  expect(formatCountdown(-1)).toBe('0:00')
})

it.each(['week', 'month', 'quarter', 'year'] as const)('compares a %s with one that ends the day before it', (name) => {
  const now = periodOf(name, '2026-11-22')
  const before = periodBefore(now, name)
  expect(now.to).toBe('2026-11-22')
  expect(before.to).toBe(addDays(now.from, -1))
  expect(before.bucket).toBe(now.bucket)
})

it('groups a history by day with the net of each', () => {
  const entry = (posted_at: string, direction: 'in' | 'out', amount: number) => ({ id: posted_at, posted_at, direction, amount }) as Entry
  const days = groupByDay([
    entry('2026-11-22T17:30:00Z', 'in', 50_000),
    entry('2026-11-22T16:00:00Z', 'out', 20_000),
    entry('2026-11-22T02:00:00Z', 'in', 5_000),
  ])
  expect(days.map(({ day, netAmount }) => [day, netAmount])).toEqual([
    ['2026-11-23', 50_000],
    ['2026-11-22', -15_000],
  ])
})
