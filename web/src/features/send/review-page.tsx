import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Navigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { AsOf } from '@/components/as-of.tsx'
import { Avatar } from '@/components/ui/avatar.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Money } from '@/components/ui/money.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { Card, Page } from '@/components/ui/page.tsx'
import { Sheet } from '@/components/ui/sheet.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { ErrorState } from '@/components/ui/states.tsx'
import { newId } from '@/lib/ids.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah, groupAccountNumber } from '@/lib/money.ts'
import { useOnline } from '@/lib/online.ts'
import { isUnproven, useOutgoing, type Draft } from '@/lib/outgoing.ts'
import { accountQuery, limitsQuery, walletQuery, type Account, type Wallet } from '@/lib/queries.ts'
import { checkAmount } from './amount-rules.ts'
import { PinStep } from './pin-step.tsx'

const route = getRouteApi('/signed-in/send/review')

/** Who, how much, and what is left, as the server says it; then the PIN. */
export function ReviewPage() {
  const { t } = useLingui()
  const { to, amount, note, id } = route.useSearch()
  const record = useOutgoing(id ?? '')
  if (!to || !amount) return <Navigate to="/send" replace />
  // An address without an id is a draft from elsewhere: its id is minted once, and stays in the address.
  if (!id) return <Navigate to="/send/review" search={{ to, amount, note, id: newId() }} replace />
  // This id was sent already: Back, a reload or a second tap must not ask for the PIN again, unless its proof is lost.
  if (record && record.state !== 'unsent' && !isUnproven(record)) return <Navigate to="/tx/$id" params={{ id }} replace />
  return (
    <Page kind="flow" title={t`Check and pay`} backTo="/send">
      <Review to={to} draft={{ id, to_account: to, amount, note: note ?? '' }} />
    </Page>
  )
}

function Review({ to, draft }: { to: string; draft: Omit<Draft, 'payee_name'> }) {
  const account = useQuery({ ...accountQuery(to), staleTime: 0 })
  if (account.data) return <Details account={account.data} draft={{ ...draft, payee_name: account.data.name }} />
  if (account.error) return <ErrorState error={account.error} onRetry={() => void account.refetch()} />
  return <Skeleton className="mt-4 h-72 w-full rounded-lg" />
}

function Details({ account, draft }: { account: Account; draft: Draft }) {
  const { t } = useLingui()
  const locale = useLocale()
  const online = useOnline()
  const [asking, setAsking] = useState(false)
  const { data: wallet, dataUpdatedAt: walletAt } = useQuery(walletQuery)
  const { data: limits } = useQuery(limitsQuery)
  const refusal = account.is_self ? t`This is your own account. Choose another recipient.` : checkAmount(String(draft.amount), draft.amount, wallet, limits)?.sentence
  const amount = formatRupiah(draft.amount, locale)
  return (
    <>
      <Payee account={account} amount={amount} />
      <Terms draft={draft} wallet={wallet} at={walletAt} />
      <div className="mt-auto grid gap-3 pt-6">
        {account.first_time && (
          <Notice>
            <Trans>You have never paid this account. Make sure that the name is whom you mean: money sent cannot be called back.</Trans>
          </Notice>
        )}
        {refusal && <Notice tone="loss">{refusal}</Notice>}
        {!online && (
          <Notice tone="warn">
            <Trans>You are offline. Sending waits until you are back.</Trans>
          </Notice>
        )}
        <Button size="lg" disabled={!online || Boolean(refusal) || !wallet} onClick={() => setAsking(true)}>
          <Trans>Pay {amount}</Trans>
        </Button>
      </div>
      <Sheet title={t`Enter your PIN`} open={asking} onClose={() => setAsking(false)}>
        <PinStep draft={draft} />
      </Sheet>
    </>
  )
}

function Payee({ account, amount }: { account: Account; amount: string }) {
  return (
    <div className="grid justify-items-center gap-1 py-6 text-center">
      <Avatar name={account.name} seed={account.account_number} size="lg" />
      <p className="mt-2 max-w-full truncate text-lg font-bold">{account.name}</p>
      <p className="money text-ink3">{groupAccountNumber(account.account_number)}</p>
      <p className="money mt-4 text-[clamp(1.75rem,9vw,2.25rem)] leading-10 font-extrabold tracking-[-0.02em]">{amount}</p>
    </div>
  )
}

function Terms({ draft, wallet, at }: { draft: Draft; wallet: Wallet | undefined; at: number }) {
  return (
    <Card className="divide-y divide-line">
      {draft.note && <Row name={<Trans>Note</Trans>}>{draft.note}</Row>}
      <Row name={<Trans>Fee</Trans>}>
        <Money amount={0} />
      </Row>
      <Row name={<Trans>Balance after</Trans>}>
        {wallet ? <Money amount={wallet.balance - draft.amount} /> : <Skeleton className="h-5 w-24" />}
        <span className="block text-sm font-normal text-ink3">{wallet && <AsOf at={at} />}</span>
      </Row>
    </Card>
  )
}

function Row({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-13 items-center justify-between gap-4 px-4 py-3">
      <span className="shrink-0 text-ink3">{name}</span>
      <span className="min-w-0 text-right font-semibold">{children}</span>
    </div>
  )
}
