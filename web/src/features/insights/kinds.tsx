import { Trans, useLingui } from '@lingui/react/macro'
import { Money } from '@/components/ui/money.tsx'
import { Card, SectionTitle } from '@/components/ui/page.tsx'
import type { Summary } from '@/lib/queries.ts'

type Kind = Summary['by_kind'][number]

/** The sums by kind and direction, as a table. */
export function Kinds({ kinds }: { kinds: Kind[] }) {
  const { t } = useLingui()
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>By kind</Trans>
      </SectionTitle>
      <Card className="px-4">
        <table className="w-full">
          <caption className="sr-only">{t`Sums by kind`}</caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">{t`Kind`}</th>
              <th scope="col">{t`How often`}</th>
              <th scope="col">{t`Sum`}</th>
            </tr>
          </thead>
          <tbody>
            {kinds.map((kind) => (
              <tr key={`${kind.kind} ${kind.direction}`} className="border-t border-line first:border-t-0">
                <th scope="row" className="py-3.5 pr-2 text-left font-semibold">
                  <KindName kind={kind} />
                </th>
                <td className="money py-3.5 pr-2 text-right text-sm text-ink3">{kind.count} ×</td>
                <td className="py-3.5 text-right font-bold">
                  <Money amount={kind.direction === 'in' ? kind.total_amount : -kind.total_amount} sign="always" className={kind.direction === 'in' ? 'text-gain' : undefined} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Card>
    </section>
  )
}

function KindName({ kind }: { kind: Kind }) {
  if (kind.kind === 'topup') return <Trans>Top-ups</Trans>
  if (kind.kind === 'reversal') return <Trans>Reversals</Trans>
  return kind.direction === 'in' ? <Trans>Received</Trans> : <Trans>Sent</Trans>
}
