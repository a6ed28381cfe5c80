import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ReceiptText } from 'lucide-react'
import type { ReactNode } from 'react'
import { EntryRow } from '@/components/entry-row.tsx'
import { Card, Page, SectionTitle } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '@/components/ui/states.tsx'
import { useHiddenBalance } from '@/lib/hidden-balance.ts'
import { meQuery, recentEntriesQuery } from '@/lib/queries.ts'
import { BalanceCard } from './balance-card.tsx'
import { InboxLink } from './inbox-link.tsx'
import { OpenTransfers } from './open-transfers.tsx'
import { QuickActions } from './quick-actions.tsx'
import { RecentPeople } from './recent-people.tsx'

/** `children` is what the app itself has to say, below everything else. */
export function HomePage({ children }: { children?: ReactNode }) {
  const { t } = useLingui()
  const { data: me } = useQuery(meQuery)
  const name = me?.full_name.split(' ')[0]
  return (
    <Page title={name ? t`Hello, ${name}` : t`Home`} actions={<InboxLink />}>
      <div className="grid min-w-0 gap-x-8 rail:grid-cols-[minmax(0,26rem)_minmax(0,1fr)]">
        <div className="min-w-0">
          <OpenTransfers />
          <BalanceCard />
          <QuickActions />
          <RecentPeople />
        </div>
        <RecentEntries />
        <div className="min-w-0">{children}</div>
      </div>
    </Page>
  )
}

function RecentEntries() {
  const { data, error, isPending, refetch } = useQuery(recentEntriesQuery)
  const [hidden] = useHiddenBalance()
  return (
    <section className="min-w-0 rail:-mt-7">
      <SectionTitle
        action={
          <Link to="/activity" className="inline-flex min-h-11 items-center font-semibold text-primary underline-offset-4 hover:underline">
            <Trans>See all</Trans>
          </Link>
        }
      >
        <Trans>Latest</Trans>
      </SectionTitle>
      <Card className="overflow-hidden">
        {data?.items.map((entry) => <EntryRow key={entry.id} entry={entry} showDay masked={hidden} />)}
        {isPending && <SkeletonRows />}
        {error !== null && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data?.items.length === 0 && (
          <EmptyState icon={<ReceiptText />} title={<Trans>Nothing has moved yet</Trans>}>
            <Trans>Top up, or share your code and be paid.</Trans>
          </EmptyState>
        )}
      </Card>
    </section>
  )
}
