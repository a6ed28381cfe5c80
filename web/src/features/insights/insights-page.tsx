import { Trans, useLingui } from '@lingui/react/macro'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { ChartNoAxesColumn } from 'lucide-react'
import { Choice } from '@/components/ui/choice.tsx'
import { Card, Page, SectionTitle } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '@/components/ui/states.tsx'
import { api, take } from '@/lib/api.ts'
import { useLocale } from '@/lib/locale.ts'
import type { Summary } from '@/lib/queries.ts'
import { formatTime } from '@/lib/time.ts'
import { BarChart } from './bar-chart.tsx'
import { Counterparties } from './counterparties.tsx'
import { Kinds } from './kinds.tsx'
import { periodBefore, periodOf, type Period } from './periods.ts'
import { Totals } from './totals.tsx'

const route = getRouteApi('/signed-in/tabs/insights')

function summaryQuery(period: Period) {
  return queryOptions({
    queryKey: ['summary', period],
    queryFn: ({ signal }) => take(api.GET('/v1/analytics/summary', { params: { query: { ...period } }, signal })),
    staleTime: 30_000,
  })
}

/** Where the money went, in sums of the warehouse; says how fresh they are. */
export function InsightsPage() {
  const { t } = useLingui()
  const navigate = useNavigate()
  const { range = 'month' } = route.useSearch()
  const period = periodOf(range)
  const now = useQuery(summaryQuery(period))
  const before = useQuery(summaryQuery(periodBefore(period, range)))
  return (
    <Page title={t`Insights`}>
      <Choice
        label={t`Period`}
        className="max-w-130"
        value={range}
        onChange={(value) => void navigate({ to: '/insights', search: { range: value }, replace: true, resetScroll: false })}
        options={[
          { value: 'week', label: t`7 days` },
          { value: 'month', label: t`30 days` },
          { value: 'quarter', label: t`13 weeks` },
          { value: 'year', label: t`12 months` },
        ]}
      />
      {now.data && <Figures summary={now.data} before={before.data} period={period} />}
      {!now.data && now.error === null && <Waiting />}
      {!now.data && now.error !== null && <ErrorState error={now.error} onRetry={() => void now.refetch()} />}
    </Page>
  )
}

function Figures({ summary, before, period }: { summary: Summary; before: Summary | undefined; period: Period }) {
  const { t } = useLingui()
  const empty = summary.totals.in_count + summary.totals.out_count === 0
  return (
    <>
      <Totals totals={summary.totals} before={before?.totals} period={period} />
      {empty ? (
        <Card className="mt-4">
          <EmptyState icon={<ChartNoAxesColumn />} title={<Trans>Nothing moved in this period</Trans>}>
            <Trans>Choose a longer one, or come back after your next payment.</Trans>
          </EmptyState>
        </Card>
      ) : (
        <div className="grid min-w-0 gap-x-8 rail:grid-cols-2">
          <section className="min-w-0 rail:col-span-2">
            <SectionTitle>
              <Trans>Over time</Trans>
            </SectionTitle>
            <BarChart series={summary.series} bucket={period.bucket} title={t`Money in and out over time`} />
          </section>
          <Counterparties people={summary.counterparties} period={period} />
          <Kinds kinds={summary.by_kind} />
        </div>
      )}
      <AsOf time={summary.as_of} />
    </>
  )
}

function AsOf({ time }: { time: string | null }) {
  const locale = useLocale()
  return (
    <p className="mt-6 text-sm text-ink3">
      {time === null ? <Trans>The figures follow your history by a few seconds.</Trans> : <Trans>Counts everything up to {formatTime(time, 'stamp', locale)} WIB.</Trans>}
    </p>
  )
}

function Waiting() {
  const { t } = useLingui()
  return (
    <div role="status" aria-label={t`Loading`} className="mt-4 grid gap-4">
      <Skeleton className="h-28 w-full rounded-lg" />
      <Skeleton className="h-72 w-full rounded-lg" />
    </div>
  )
}
