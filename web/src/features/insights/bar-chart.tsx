import { Trans, useLingui } from '@lingui/react/macro'
import { scaleBand, scaleLinear } from 'd3-scale'
import { useId, useMemo } from 'react'
import { Card } from '@/components/ui/page.tsx'
import { useLocale, type Locale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import type { Summary } from '@/lib/queries.ts'
import { formatTime } from '@/lib/time.ts'
import { formatCompactRupiah } from './compact-rupiah.ts'
import type { Bucket } from './periods.ts'
import { useWidth } from './use-width.ts'

type Series = Summary['series']

const HEIGHT = 240
const MARGIN = { top: 12, right: 4, bottom: 26, left: 52 }
/** Room that a label of the horizontal axis needs. */
const LABEL_WIDTH = 56

interface Props {
  series: Series
  bucket: Bucket
  title: string
}

/** In and out side by side, one pair a bucket; the same figures stand in the table below. */
export function BarChart({ series, bucket, title }: Props) {
  const [box, width] = useWidth()
  return (
    <Card className="p-4">
      <Legend />
      <div ref={box} className="mt-3 w-full min-w-0 overflow-x-clip" style={{ height: HEIGHT }}>
        {width > 0 && <Bars series={series} bucket={bucket} title={title} width={width} />}
      </div>
      <Table series={series} bucket={bucket} title={title} />
    </Card>
  )
}

function Legend() {
  return (
    <ul className="flex gap-5 text-sm text-ink2">
      <li className="flex items-center gap-2">
        <span className="size-3 rounded-xs bg-(--chart1)" aria-hidden="true" />
        <Trans>Money in</Trans>
      </li>
      <li className="flex items-center gap-2">
        <span className="size-3 rounded-xs bg-(--chart2)" aria-hidden="true" />
        <Trans>Money out</Trans>
      </li>
    </ul>
  )
}

function useScales(series: Series, width: number) {
  return useMemo(() => {
    const most = Math.max(1, ...series.map((bar) => Math.max(bar.in_amount, bar.out_amount)))
    const x = scaleBand<string>().domain(series.map((bar) => bar.start)).range([MARGIN.left, width - MARGIN.right]).paddingInner(0.3).paddingOuter(0.15)
    const y = scaleLinear().domain([0, most]).nice(4).range([HEIGHT - MARGIN.bottom, MARGIN.top])
    return { x, y }
  }, [series, width])
}

function Bars({ series, bucket, title, width }: Props & { width: number }) {
  const id = useId()
  const locale = useLocale()
  const { x, y } = useScales(series, width)
  const each = Math.max(1, Math.ceil((series.length * LABEL_WIDTH) / (width - MARGIN.left)))
  const half = x.bandwidth() / 2
  return (
    <svg role="img" aria-labelledby={id} width={width} height={HEIGHT} className="block overflow-visible text-xs">
      <title id={id}>{title}</title>
      {y.ticks(4).map((tick) => (
        <g key={tick} transform={`translate(0 ${y(tick)})`}>
          <line x1={MARGIN.left} x2={width} className="stroke-line" />
          <text x={MARGIN.left - 8} dy="0.32em" textAnchor="end" className="money fill-ink3">
            {formatCompactRupiah(tick, locale)}
          </text>
        </g>
      ))}
      {series.map((bar, index) => (
        <g key={bar.start} transform={`translate(${x(bar.start)} 0)`}>
          <title>{`${bucketName(bar.start, bucket, locale)}: +${formatRupiah(bar.in_amount, locale)}, ${formatRupiah(-bar.out_amount, locale)}`}</title>
          <rect width={x.bandwidth()} y={MARGIN.top} height={HEIGHT - MARGIN.top - MARGIN.bottom} fill="transparent" />
          <path d={column(0, half - 0.5, y(bar.in_amount), y(0))} className="fill-(--chart1)" />
          <path d={column(half + 0.5, half - 0.5, y(bar.out_amount), y(0))} className="fill-(--chart2)" />
          {(series.length - 1 - index) % each === 0 && (
            <text x={half} y={HEIGHT - 6} textAnchor="middle" className="fill-ink3">
              {bucketLabel(bar.start, bucket, locale)}
            </text>
          )}
        </g>
      ))}
    </svg>
  )
}

/** A column with a rounded head; nothing at all for zero. */
function column(x: number, width: number, top: number, bottom: number): string {
  const height = bottom - top
  if (height <= 0) return ''
  const r = Math.min(4, width / 2, height)
  return `M${x} ${bottom}v${r - height}q0 ${-r} ${r} ${-r}h${width - 2 * r}q${r} 0 ${r} ${r}v${height - r}z`
}

function bucketLabel(start: string, bucket: Bucket, locale: Locale): string {
  return formatTime(start, bucket === 'month' ? 'shortMonth' : 'shortDay', locale)
}

function bucketName(start: string, bucket: Bucket, locale: Locale): string {
  return formatTime(start, bucket === 'month' ? 'month' : 'day', locale)
}

function Table({ series, bucket, title }: Props) {
  const { t } = useLingui()
  const locale = useLocale()
  return (
    <details className="mt-3">
      <summary className="inline-flex min-h-11 items-center rounded-sm text-sm font-semibold text-primary">{t`Show as a table`}</summary>
      <table className="money w-full min-w-0 text-sm">
        <caption className="sr-only">{title}</caption>
        <thead>
          <tr className="text-left text-ink3">
            <th scope="col" className="py-2 pr-3 font-semibold">{bucket === 'month' ? t`Month` : bucket === 'week' ? t`Week from` : t`Day`}</th>
            <th scope="col" className="py-2 pr-3 text-right font-semibold">{t`Money in`}</th>
            <th scope="col" className="py-2 text-right font-semibold">{t`Money out`}</th>
          </tr>
        </thead>
        <tbody>
          {series.map((bar) => (
            <tr key={bar.start} className="border-t border-line">
              <th scope="row" className="py-2 pr-3 text-left font-normal">{bucketLabel(bar.start, bucket, locale)}</th>
              <td className="py-2 pr-3 text-right">{formatRupiah(bar.in_amount, locale)}</td>
              <td className="py-2 text-right">{formatRupiah(bar.out_amount, locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
