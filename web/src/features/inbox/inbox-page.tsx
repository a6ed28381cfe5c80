import { Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery } from '@tanstack/react-query'
import { BellOff } from 'lucide-react'
import { useEffect } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Card, Page } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '@/components/ui/states.tsx'
import { api, take } from '@/lib/api.ts'
import { inboxQuery, queryClient } from '@/lib/queries.ts'
import { NotificationRow } from './notification-row.tsx'

/** Looked at for this long, what is shown counts as read. */
const READ_AFTER_MS = 1_500

export function InboxPage() {
  const { t } = useLingui()
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(inboxQuery)
  const items = data?.pages.flatMap((page) => page.items) ?? []
  useMarkRead(items[0]?.created_at, data?.pages[0]?.unread_count ?? 0)
  return (
    <Page title={t`Inbox`} backTo="/home">
      <Card className="max-w-170 divide-y divide-line overflow-hidden">
        {items.map((item) => (
          <NotificationRow key={item.id} item={item} />
        ))}
        {isPending && <SkeletonRows />}
        {error !== null && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data && items.length === 0 && (
          <EmptyState icon={<BellOff />} title={<Trans>Nothing new</Trans>}>
            <Trans>Money that arrives and sign-ins on new devices are told here.</Trans>
          </EmptyState>
        )}
      </Card>
      {hasNextPage && (
        <div className="grid place-items-center py-6">
          <Button look="quiet" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            <Trans>Show more</Trans>
          </Button>
        </div>
      )}
    </Page>
  )
}

function useMarkRead(newest: string | undefined, unread: number) {
  useEffect(() => {
    if (!newest || unread === 0) return
    const timer = setTimeout(() => {
      void take(api.POST('/v1/notifications/read', { body: { up_to: newest } }))
        .then(() => queryClient.invalidateQueries({ queryKey: ['notifications'] }))
        .catch(() => undefined)
    }, READ_AFTER_MS)
    return () => clearTimeout(timer)
  }, [newest, unread])
}
