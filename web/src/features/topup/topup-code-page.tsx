import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Page } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { ErrorState } from '@/components/ui/states.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { problemSentence } from '@/lib/problem-words.ts'
import { CodeToPay } from './code-to-pay.tsx'
import { TopUpOutcome } from './topup-outcome.tsx'
import { isWaiting, topUpQuery } from './topups.ts'

const route = getRouteApi('/signed-in/topup/$id')

/** The code of one top-up; it survives a reload and turns green by itself. */
export function TopUpCodePage() {
  const { t } = useLingui()
  const { id } = route.useParams()
  const { data, error, refetch } = useQuery(topUpQuery(id))
  return (
    <Page kind="flow" title={t`Top up`} backTo="/topup">
      {!data && error === null && <Skeleton className="mt-6 aspect-square w-full rounded-xl" />}
      {!data && error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && error !== null && isWaiting(data.status) && (
        <Notice tone="warn" role="status">
          {problemSentence(error)} <Trans>The code stays valid; we keep asking.</Trans>
        </Notice>
      )}
      {data && isWaiting(data.status) && <CodeToPay topUp={data} />}
      {data && !isWaiting(data.status) && <TopUpOutcome topUp={data} />}
    </Page>
  )
}
