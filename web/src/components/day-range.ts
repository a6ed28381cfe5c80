import { useLingui } from '@lingui/react/macro'
import { daysBetween, jakartaDay } from '@/lib/days.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatTime } from '@/lib/time.ts'

/** The longest range that the API answers. */
const RANGE_DAYS_MAX = 366
/** No money is older; a year that was typed with two digits is. */
export const EARLIEST_DAY = '2000-01-01'

export interface DayRange {
  from?: string | undefined
  to?: string | undefined
}

/** What is wrong with a range of days, in words, by the field that says it; an empty end is open. */
export function useRangeCheck(): (range: DayRange) => DayRange {
  const { t } = useLingui()
  const locale = useLocale()
  const single = (day: string | undefined) => {
    if (!day) return undefined
    if (day > jakartaDay()) return t`This day is yet to come.`
    return day < EARLIEST_DAY ? t`Not before ${formatTime(EARLIEST_DAY, 'day', locale)}.` : undefined
  }
  return ({ from, to }) => {
    const errors = { from: single(from), to: single(to) }
    if (!from || !to || errors.from || errors.to) return errors
    const days = daysBetween(from, to)
    if (days < 0) return { from: t`The first day must not be after the last.` }
    return days < RANGE_DAYS_MAX ? {} : { from: t`At most ${RANGE_DAYS_MAX} days at a time.` }
  }
}
