/** The ranges of days that the insights offer, each with the range before it. */
import { addDays, jakartaDay, monthStart } from '@/lib/days.ts'

export type RangeName = 'week' | 'month' | 'quarter' | 'year'
export type Bucket = 'day' | 'week' | 'month'

export interface Period {
  from: string
  to: string
  bucket: Bucket
}

/** Thirteen weeks are a quarter. */
const QUARTER_DAYS = 91
const SHAPES: Record<Exclude<RangeName, 'year'>, { days: number; bucket: Bucket }> = {
  week: { days: 7, bucket: 'day' },
  month: { days: 30, bucket: 'day' },
  quarter: { days: QUARTER_DAYS, bucket: 'week' },
}

export function periodOf(name: RangeName, today: string = jakartaDay()): Period {
  if (name === 'year') return { from: monthStart(today, 11), to: today, bucket: 'month' }
  const { days, bucket } = SHAPES[name]
  return { from: addDays(today, 1 - days), to: today, bucket }
}

/** As long as `period`, and ending where it begins. */
export function periodBefore(period: Period, name: RangeName): Period {
  const to = addDays(period.from, -1)
  if (name === 'year') return { from: monthStart(period.from, 12), to, bucket: 'month' }
  return { from: addDays(period.from, -SHAPES[name].days), to, bucket: period.bucket }
}
