import type { Entry } from '@/lib/queries.ts'
import { jakartaDay } from '@/lib/days.ts'

export interface Day {
  day: string
  netAmount: number
  entries: Entry[]
}

/** Groups entries, newest first, by their day in Jakarta, with each day's net. */
export function groupByDay(entries: Entry[]): Day[] {
  const days: Day[] = []
  for (const entry of entries) {
    const day = jakartaDay(entry.posted_at)
    let group = days.at(-1)
    if (group?.day !== day) days.push((group = { day, netAmount: 0, entries: [] }))
    group.netAmount += entry.direction === 'in' ? entry.amount : -entry.amount
    group.entries.push(entry)
  }
  return days
}
