import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Avatar } from '@/components/ui/avatar.tsx'
import { Money } from '@/components/ui/money.tsx'
import { Card, SectionTitle } from '@/components/ui/page.tsx'
import type { Summary } from '@/lib/queries.ts'
import type { Period } from './periods.ts'

/** With whom most money moved; a tap leads to their entries. */
export function Counterparties({ people, period }: { people: Summary['counterparties']; period: Period }) {
  const most = Math.max(1, ...people.map((person) => person.in_amount + person.out_amount))
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>People</Trans>
      </SectionTitle>
      <Card className="divide-y divide-line overflow-hidden">
        {people.map((person) => (
          <Link
            key={person.account_number}
            to="/activity"
            search={{ q: person.account_number, from: period.from, to: period.to }}
            className="flex min-h-17 items-center gap-3 px-4 py-3 transition-colors duration-150 hover:bg-sunken"
          >
            <Avatar name={person.name} seed={person.account_number} />
            <span className="min-w-0 grow">
              <span className="flex items-baseline justify-between gap-3">
                <span className="min-w-0 truncate font-semibold">{person.name}</span>
                <span className="shrink-0 text-right text-sm font-bold">
                  {person.in_amount > 0 && <Money amount={person.in_amount} sign="always" className="block text-gain" />}
                  {person.out_amount > 0 && <Money amount={-person.out_amount} className="block" />}
                </span>
              </span>
              <span className="mt-1.5 flex h-1.5 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
                <span className="bg-(--chart1)" style={{ width: `${(person.in_amount / most) * 100}%` }} />
                <span className="bg-(--chart2)" style={{ width: `${(person.out_amount / most) * 100}%` }} />
              </span>
            </span>
          </Link>
        ))}
        {people.length === 0 && (
          <p className="px-4 py-6 text-center text-ink3">
            <Trans>Only top-ups in this period.</Trans>
          </p>
        )}
      </Card>
    </section>
  )
}
