import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { EARLIEST_DAY, useRangeCheck, type DayRange } from '@/components/day-range.ts'
import { Button } from '@/components/ui/button.tsx'
import { Money } from '@/components/ui/money.tsx'
import { Card, Page, SectionTitle } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { ErrorState } from '@/components/ui/states.tsx'
import { TextField } from '@/components/ui/text-field.tsx'
import { toast } from '@/components/ui/toast.tsx'
import { useLocale } from '@/lib/locale.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { downloadFile } from '@/lib/share.ts'
import { jakartaDay, monthEnd, monthStart } from '@/lib/days.ts'
import { formatTime } from '@/lib/time.ts'
import { fetchStatement, statementQuery, type Range } from './statement.ts'

const route = getRouteApi('/signed-in/tabs/statements')

const MONTHS_SHOWN = 12

/** A statement of a month or of any range: its four figures here, every line in the file. */
export function StatementsPage() {
  const { t } = useLingui()
  const today = jakartaDay()
  const { from = monthStart(today), to = today } = route.useSearch()
  const errors = useRangeCheck()({ from, to })
  return (
    <Page title={t`Statements`} backTo="/activity">
      <div className="grid min-w-0 gap-x-8 rail:grid-cols-2">
        <div className="min-w-0">
          <Months from={from} to={to} />
          <CustomRange from={from} to={to} errors={errors} />
        </div>
        <div className="min-w-0">{!errors.from && !errors.to && <Figures range={{ from, to }} />}</div>
      </div>
    </Page>
  )
}

function Months({ from, to }: Range) {
  const { t } = useLingui()
  const locale = useLocale()
  const navigate = useNavigate()
  const today = jakartaDay()
  const months = Array.from({ length: MONTHS_SHOWN }, (_, back) => monthStart(today, back))
  const end = (start: string) => (monthEnd(start) > today ? today : monthEnd(start))
  const current = months.find((start) => start === from && end(start) === to) ?? ''
  return (
    <label className="block">
      <span className="mb-1.5 block text-sm font-semibold text-ink2">{t`Month`}</span>
      <select
        value={current}
        onChange={(event) => event.target.value && void navigate({ to: '/statements', search: { from: event.target.value, to: end(event.target.value) }, replace: true })}
        className="block min-h-12 w-full rounded-md border border-outline bg-surface px-4 text-base text-ink"
      >
        <option value="" hidden>
          {t`Own range`}
        </option>
        {months.map((start) => (
          <option key={start} value={start}>
            {formatTime(start, 'month', locale)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Asked for as soon as it is chosen: what is wrong with it is said at its fields, and the focus stays where it is. */
function CustomRange({ from, to, errors }: Range & { errors: DayRange }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const change = (range: Partial<Range>) => void navigate({ to: '/statements', search: { from, to, ...range }, replace: true })
  return (
    <div className="mt-4 grid grid-cols-2 gap-3">
      <TextField type="date" label={t`From`} value={from} min={EARLIEST_DAY} max={jakartaDay()} error={errors.from} onChange={(event) => event.target.value && change({ from: event.target.value })} />
      <TextField type="date" label={t({ context: 'day', message: 'To' })} value={to} min={EARLIEST_DAY} max={jakartaDay()} error={errors.to} onChange={(event) => event.target.value && change({ to: event.target.value })} />
    </div>
  )
}

function Figures({ range }: { range: Range }) {
  const locale = useLocale()
  const { data, error, refetch } = useQuery(statementQuery(range))
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <>
      <SectionTitle>
        {formatTime(range.from, 'day', locale)} – {formatTime(range.to, 'day', locale)}
      </SectionTitle>
      <Card className="divide-y divide-line">
        <Figure name={<Trans>Opening balance</Trans>} value={data && <Money amount={data.opening_balance} />} />
        <Figure name={<Trans>Money in</Trans>} value={data && <Money amount={data.in_amount} sign="always" className="text-gain" />} />
        <Figure name={<Trans>Money out</Trans>} value={data && <Money amount={-data.out_amount} />} />
        <Figure name={<Trans>Closing balance</Trans>} value={data && <Money amount={data.closing_balance} />} />
      </Card>
      <p className="mt-2 min-h-5 px-1 text-sm text-ink3">{data && (data.count === 1 ? <Trans>One line in the file.</Trans> : <Trans>{data.count} lines in the file.</Trans>)}</p>
      <DownloadButton range={range} />
    </>
  )
}

function Figure({ name, value }: { name: ReactNode; value: ReactNode }) {
  return (
    <div className="flex min-h-13 items-center justify-between gap-4 px-4">
      <span className="text-ink3">{name}</span>
      <span className="font-bold">{value ?? <Skeleton className="h-5 w-28" />}</span>
    </div>
  )
}

function DownloadButton({ range }: { range: Range }) {
  const [busy, setBusy] = useState(false)
  const download = async () => {
    setBusy(true)
    try {
      downloadFile(await fetchStatement(range), `e-wallet-${range.from}-${range.to}.csv`)
    } catch (error) {
      toast(problemSentence(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button size="lg" className="mt-4" busy={busy} icon={<Download className="size-5" aria-hidden="true" />} onClick={() => void download()}>
      <Trans>Download as CSV</Trans>
    </Button>
  )
}
