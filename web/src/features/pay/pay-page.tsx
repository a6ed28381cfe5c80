import { Trans, useLingui } from '@lingui/react/macro'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { buttonClass } from '@/components/ui/button.tsx'
import { Page } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '@/components/ui/states.tsx'
import { api, take, type Schemas } from '@/lib/api.ts'
import { serverNow } from '@/lib/clock.ts'
import { isProblem } from '@/lib/problem.ts'
import { useSessionStatus } from '@/lib/session.ts'
import { PayOutcome } from './pay-outcome.tsx'
import { PayRequest } from './pay-request.tsx'

const route = getRouteApi('/pay/$token')

/** While a confirmed payment is being settled, and from the moment on at which the code ends. */
const POLL_MS = 1_000

function nextLook(page: Schemas['PayPage'] | undefined): number | false {
  if (page?.status === 'pending') return Math.max(POLL_MS, Date.parse(page.expires_at) - serverNow())
  return page?.status === 'paid' && POLL_MS
}

function payQuery(token: string) {
  return queryOptions({
    queryKey: ['pay', token],
    queryFn: ({ signal }) => take(api.GET('/v1/pay/{token}', { params: { path: { token } }, signal })),
    staleTime: 0,
    refetchInterval: (query) => nextLook(query.state.data),
  })
}

/** What the payer's phone opens: who is paid, how much, and the question. It needs no account. */
export function PayPage() {
  const { t } = useLingui()
  const { token } = route.useParams()
  const { data, error, refetch } = useQuery(payQuery(token))
  return (
    <Page kind="flow" title={t`Confirm the payment`} titleHidden>
      <p className="flex items-center gap-2.5 py-5 text-base font-extrabold">
        <img src="/icon.svg" alt="" width="36" height="36" />
        E-Wallet Lite
      </p>
      {data && data.status === 'pending' && <PayRequest token={token} page={data} />}
      {data && data.status !== 'pending' && <PayOutcome page={data} />}
      {!data && error === null && <Skeleton className="mt-6 h-80 w-full rounded-xl" />}
      {isProblem(error, 'not-found', 'malformed') && (
        <EmptyState icon={<SearchX />} title={<Trans>This code is not one of ours</Trans>}>
          <Trans>It may be damaged or made up. Ask for a new one; nothing was charged.</Trans>
        </EmptyState>
      )}
      {!data && error !== null && !isProblem(error, 'not-found', 'malformed') && <ErrorState error={error} onRetry={() => void refetch()} />}
      {(data ? data.status !== 'pending' : error !== null) && <HomeLink />}
    </Page>
  )
}

/** For a payer who has a wallet here. */
function HomeLink() {
  if (useSessionStatus() !== 'in') return null
  return (
    <div className="mt-auto grid pt-8">
      <Link to="/home" className={buttonClass('secondary', 'lg')}>
        <Trans>Back to home</Trans>
      </Link>
    </div>
  )
}
