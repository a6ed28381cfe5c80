import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Page } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { ErrorState } from '@/components/ui/states.tsx'
import { isOpen, useOutgoing } from '@/lib/outgoing.ts'
import { transferQuery } from '@/lib/queries.ts'
import { FailedTransfer, OpenTransfer, UnsentTransfer } from './outcome.tsx'
import { Receipt } from './receipt.tsx'

const route = getRouteApi('/signed-in/tx/$id')

/** The one page of a transfer, from the moment it is sent: succeeded, being processed, or failed. */
export function ReceiptPage() {
  const { t } = useLingui()
  const { id } = route.useParams()
  const record = useOutgoing(id)
  const undecided = record !== undefined && record.state !== 'done'
  const { data, error, refetch } = useQuery({ ...transferQuery(id), enabled: !undecided })
  return (
    <Page kind="flow" title={data ? t`Receipt` : t`Transfer`} backTo="/home">
      {undecided && isOpen(record) && <OpenTransfer record={record} />}
      {undecided && record.state === 'refused' && <FailedTransfer record={record} />}
      {undecided && record.state === 'unsent' && <UnsentTransfer record={record} />}
      {!undecided && data && <Receipt transfer={data} fresh={record !== undefined} />}
      {!undecided && !data && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!undecided && !data && error === null && <Skeleton className="mt-6 h-96 w-full rounded-lg" />}
    </Page>
  )
}
