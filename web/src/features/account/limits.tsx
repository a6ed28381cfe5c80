import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Money } from '@/components/ui/money.tsx'
import { Card, SectionTitle } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import { limitsQuery, walletQuery } from '@/lib/queries.ts'

/** The limits, with what is left of each. */
export function Limits() {
  const locale = useLocale()
  const { data: limits } = useQuery(limitsQuery)
  const { data: wallet } = useQuery(walletQuery)
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>Limits</Trans>
      </SectionTitle>
      <Card className="grid gap-4 p-4">
        {limits ? (
          <>
            {limits.daily_out_amount !== null && <Meter name={<Trans>Sent today</Trans>} used={limits.daily_out_used_amount} most={limits.daily_out_amount} />}
            {wallet && limits.balance_max !== null && <Meter name={<Trans>Held in the wallet</Trans>} used={wallet.balance} most={limits.balance_max} />}
            {limits.per_transfer_amount !== null && <p className="flex justify-between gap-4 text-sm">
              <span className="text-ink3">
                <Trans>Most in one transfer</Trans>
              </span>
              <span className="money font-semibold">{formatRupiah(limits.per_transfer_amount, locale)}</span>
            </p>}
          </>
        ) : (
          <Skeleton className="h-32 w-full" />
        )}
      </Card>
    </section>
  )
}

function Meter({ name, used, most }: { name: ReactNode; used: number; most: number }) {
  const share = Math.min(1, used / most)
  return (
    <div>
      <p className="flex flex-wrap justify-between gap-x-4 text-sm">
        <span className="text-ink3">{name}</span>
        <span className="font-semibold">
          <Money amount={used} /> <span className="font-normal text-ink3">/ <Money amount={most} /></span>
        </span>
      </p>
      <div className="mt-1.5 h-2 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <div className="h-full origin-left rounded-full bg-soga" style={{ transform: `scaleX(${share})` }} />
      </div>
    </div>
  )
}
