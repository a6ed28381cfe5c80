import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { FileDown, SearchX } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { EntryRow } from '@/components/entry-row.tsx'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Money } from '@/components/ui/money.tsx'
import { Card, Page } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '@/components/ui/states.tsx'
import { useLocale } from '@/lib/locale.ts'
import { entriesQuery } from '@/lib/queries.ts'
import { addDays, jakartaDay } from '@/lib/days.ts'
import { formatTime } from '@/lib/time.ts'
import { groupByDay, type Day } from './day-groups.ts'
import { Filters } from './filters.tsx'

const route = getRouteApi('/signed-in/tabs/activity')

/** Everything that moved, newest first; what is filtered stands in the address. */
export function ActivityPage() {
  const { t } = useLingui()
  return (
    <Page
      title={t`Activity`}
      actions={
        <Link to="/statements" className={buttonClass('quiet')}>
          <FileDown className="size-5" aria-hidden="true" />
          <Trans>Statements</Trans>
        </Link>
      }
    >
      <Filters />
      <Entries />
    </Page>
  )
}

function Entries() {
  const filter = route.useSearch()
  const { data, error, isPending, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, refetch } = useInfiniteQuery(entriesQuery(filter))
  const filtered = Object.values(filter).some((value) => value !== undefined)
  const days = groupByDay(data?.pages.flatMap((page) => page.items) ?? [])
  if (isPending) {
    return (
      <Card className="mt-4">
        <SkeletonRows rows={8} />
      </Card>
    )
  }
  if (error !== null && !data) return <ErrorState error={error} onRetry={() => void refetch()} />
  // A page may be empty while more is left to search: then the next one is asked for.
  if (days.length === 0 && !hasNextPage) return filtered ? <NothingFound /> : <NothingYet />
  // What failed waits for a tap: the end of the list stays in sight, and would ask as fast as it fails.
  const stuck = isFetchNextPageError && !isFetchingNextPage
  return (
    <>
      {days.map((day, index) => (
        <DayGroup key={day.day} day={day} complete={!hasNextPage || index < days.length - 1} />
      ))}
      {stuck && <ErrorState error={error} onRetry={() => void fetchNextPage()} />}
      {hasNextPage && !stuck && <More busy={isFetchingNextPage} onMore={() => void fetchNextPage()} />}
    </>
  )
}

function DayGroup({ day, complete }: { day: Day; complete: boolean }) {
  return (
    <section className="mt-5 min-w-0">
      <div className="flex min-h-8 items-baseline justify-between gap-3 px-1">
        <h2 className="text-sm font-bold text-ink2">
          <DayName day={day.day} />
        </h2>
        {complete && <Money amount={day.netAmount} sign="always" className="text-sm font-semibold text-ink3" />}
      </div>
      <Card className="divide-y divide-line overflow-hidden">
        {day.entries.map((entry) => (
          <EntryRow key={entry.id} entry={entry} showBalance />
        ))}
      </Card>
    </section>
  )
}

function DayName({ day }: { day: string }) {
  const locale = useLocale()
  const today = jakartaDay()
  if (day === today) return <Trans>Today</Trans>
  if (day === addDays(today, -1)) return <Trans>Yesterday</Trans>
  return formatTime(day, day.slice(0, 4) === today.slice(0, 4) ? 'weekday' : 'day', locale)
}

/** Loads the next page when it comes near the screen, and by hand where that does not work. */
function More({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!end.current || busy) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore(), { rootMargin: '600px' })
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [busy, onMore])
  return (
    <div ref={end} className="grid place-items-center py-6">
      <Button look="quiet" busy={busy} onClick={onMore}>
        <Trans>Show more</Trans>
      </Button>
    </div>
  )
}

function NothingFound() {
  return (
    <EmptyState
      icon={<SearchX />}
      title={<Trans>Nothing matches</Trans>}
      action={
        <Link to="/activity" className={buttonClass('secondary')}>
          <Trans>Clear the filters</Trans>
        </Link>
      }
    >
      <Trans>Try another word or a wider range of days.</Trans>
    </EmptyState>
  )
}

function NothingYet() {
  return (
    <EmptyState
      icon={<SearchX />}
      title={<Trans>Nothing has moved yet</Trans>}
      action={
        <Link to="/topup" className={buttonClass('primary')}>
          <Trans>Top up</Trans>
        </Link>
      }
    >
      <Trans>Your transfers and top-ups will stand here.</Trans>
    </EmptyState>
  )
}
