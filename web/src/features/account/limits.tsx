import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Money } from '@/components/ui/money.tsx'
import { Card, SectionTitle } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { ErrorState } from '@/components/ui/states.tsx'
import { limitsQuery, walletQuery, type Limits as LimitsData } from '@/lib/queries.ts'

/** The limits, with what is left of each. */
export function Limits() {
  const { data: limits, error, refetch } = useQuery(limitsQuery)
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>Limits</Trans>
      </SectionTitle>
      <Card className="p-4">
        {limits && <Lines limits={limits} />}
        {!limits && error === null && <Skeleton className="h-49 w-full" />}
        {!limits && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      </Card>
    </section>
  )
}

function Lines({ limits }: { limits: LimitsData }) {
  const { data: wallet } = useQuery(walletQuery)
  const { daily_out_amount: daily, balance_max: most, per_transfer_amount: once, top_up_min_amount: least, top_up_max_amount: topUp } = limits
  return (
    <div className="grid gap-4">
      {daily !== null && <Meter name={<Trans>Sent today</Trans>} used={limits.daily_out_used_amount} most={daily} />}
      {most !== null && <Meter name={<Trans>Held in the wallet</Trans>} used={wallet?.balance ?? 0} most={most} />}
      {once !== null && (
        <Line name={<Trans>Most in one transfer</Trans>}>
          <Money amount={once} />
        </Line>
      )}
      {least !== null && topUp !== null && (
        <Line name={<Trans>One top-up</Trans>}>
          <Money amount={least} /> – <Money amount={topUp} />
        </Line>
      )}
    </div>
  )
}

function Line({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <p className="flex flex-wrap justify-between gap-x-4 text-sm">
      <span className="text-ink3">{name}</span>
      <span className="font-semibold">{children}</span>
    </p>
  )
}

function Meter({ name, used, most }: { name: ReactNode; used: number; most: number }) {
  const left = <Money amount={Math.max(0, most - used)} />
  return (
    <div>
      <Line name={name}>
        <Trans>{left} left</Trans>
      </Line>
      <div className="mt-1.5 h-2 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <div className="h-full origin-left rounded-full bg-soga" style={{ transform: `scaleX(${Math.min(1, used / most)})` }} />
      </div>
      <p className="mt-1 text-xs text-ink3">
        <Trans>
          <Money amount={used} /> of <Money amount={most} />
        </Trans>
      </p>
    </div>
  )
}
