import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Money } from '@/components/ui/money.tsx'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah, MINUS } from '@/lib/money.ts'
import type { Summary } from '@/lib/queries.ts'
import type { ReactNode } from 'react'
import type { Period } from './periods.ts'

type Sums = Summary['totals']

/** In, out and net, each with the same figure of the period before; in and out lead to their entries. */
export function Totals({ totals, before, period }: { totals: Sums; before: Sums | undefined; period: Period }) {
  return (
    <div className="mt-4 grid gap-3 min-[640px]:grid-cols-3">
      <Link to="/activity" search={{ direction: 'in', from: period.from, to: period.to }} className="rounded-lg border border-line bg-surface p-4 transition-colors duration-150 hover:border-outline">
        <Figure name={<Trans>Money in</Trans>} before={before?.in_amount} amount={totals.in_amount}>
          <Money amount={totals.in_amount} sign="always" className="text-gain" />
        </Figure>
      </Link>
      <Link to="/activity" search={{ direction: 'out', from: period.from, to: period.to }} className="rounded-lg border border-line bg-surface p-4 transition-colors duration-150 hover:border-outline">
        <Figure name={<Trans>Money out</Trans>} before={before?.out_amount} amount={totals.out_amount}>
          <Money amount={-totals.out_amount} />
        </Figure>
      </Link>
      <div className="rounded-lg border border-line bg-surface p-4">
        <Figure name={<Trans>Net</Trans>} before={before?.net_amount} amount={totals.net_amount}>
          <Money amount={totals.net_amount} sign="always" />
        </Figure>
      </div>
    </div>
  )
}

function Figure({ name, amount, before, children }: { name: ReactNode; amount: number; before: number | undefined; children: ReactNode }) {
  const locale = useLocale()
  return (
    <>
      <p className="text-sm text-ink3">{name}</p>
      <p className="mt-0.5 text-lg font-extrabold">{children}</p>
      <p className="min-h-4 text-xs text-ink3">
        {before !== undefined && (
          <>
            <Trans>Before: {formatRupiah(before, locale)}</Trans>
            <Change amount={amount} before={before} />
          </>
        )}
      </p>
    </>
  )
}

/** The change in whole percent; none where the sign turned or there was nothing before. */
function Change({ amount, before }: { amount: number; before: number }) {
  if (before <= 0 || amount < 0) return null
  const percent = Math.round(((amount - before) / before) * 100)
  const sign = percent > 0 ? '+' : percent < 0 ? MINUS : ''
  return <span className="money"> ({`${sign}${Math.abs(percent)}`} %)</span>
}
