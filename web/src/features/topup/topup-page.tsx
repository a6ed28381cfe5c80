import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { ChevronRight, Clock3 } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { AmountChips } from '@/components/amount-chips.tsx'
import { AmountField } from '@/components/ui/amount-field.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Money } from '@/components/ui/money.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { Card, Page, SectionTitle } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah, groupDigits, parseRupiah } from '@/lib/money.ts'
import { useOnline } from '@/lib/online.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { limitsQuery, walletQuery, type Limits } from '@/lib/queries.ts'
import { formatTime } from '@/lib/time.ts'
import { checkTopUp, roomIn } from './amount-rules.ts'
import { createTopUp, waitingTopUpsQuery } from './topups.ts'

const route = getRouteApi('/signed-in/topup')

const CHIPS = [50_000, 100_000, 250_000, 500_000, 1_000_000]

/** How much to add; the next screen shows the code to be paid. */
export function TopUpPage() {
  const { t } = useLingui()
  return (
    <Page kind="flow" title={t`Top up`} backTo="/home">
      <AmountForm />
    </Page>
  )
}

function AmountForm() {
  const { t } = useLingui()
  const online = useOnline()
  const { text, type, amount, limits, limitsError, room, tried, setTried, refusal } = useAmount()
  const { start, busy, error, setError } = useStart()
  const change = (next: string) => {
    type(next)
    setError(null)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (amount !== null && refusal === null) void start(amount)
  }
  const said = refusal && (tried || refusal.early) ? refusal.sentence : error !== null ? problemSentence(error) : null
  return (
    <form onSubmit={submit} noValidate className="flex grow flex-col gap-5">
      <AmountField label={t`Amount`} text={text} onText={change} first error={said} hint={<Range limits={limits} error={limitsError} room={room} />} />
      <AmountChips amounts={CHIPS} amount={amount} onPick={change} />
      <Waiting />
      <div className="mt-auto grid gap-3 pt-4">
        {!online && (
          <Notice tone="warn">
            <Trans>You are offline. Topping up waits until you are back.</Trans>
          </Notice>
        )}
        <Button type="submit" size="lg" busy={busy} disabled={!online}>
          <Trans>Show the code</Trans>
        </Button>
      </div>
    </form>
  )
}

/** What is typed, and what the limits say to it; `?amount=` is where it starts. */
function useAmount() {
  const locale = useLocale()
  const { amount: amountBefore } = route.useSearch()
  const { data: wallet } = useQuery(walletQuery)
  const { data: limits, error: limitsError } = useQuery(limitsQuery)
  const [text, setText] = useState(amountBefore ? groupDigits(String(amountBefore), locale) : '')
  const [tried, setTried] = useState(false)
  const amount = parseRupiah(text, locale)
  const room = roomIn(wallet, limits)
  const type = (next: string) => {
    setText(next)
    setTried(false)
  }
  return { text, type, amount, limits, limitsError, room, tried, setTried, refusal: checkTopUp(text, amount, room, limits) }
}

/** The limits, before they bite; where they cannot be asked for, the server's answer tells them. */
function Range({ limits, error, room }: { limits: Limits | undefined; error: unknown; room: number | null }) {
  const locale = useLocale()
  if (!limits && error !== null) return problemSentence(error)
  if (!limits) return <Skeleton className="h-5 w-56" />
  const { top_up_min_amount: least, top_up_max_amount: most } = limits
  const short = room !== null && (most === null || room < most)
  return (
    <>
      {least !== null && most !== null && (
        <Trans>
          From {formatRupiah(least, locale)} to {formatRupiah(most, locale)} at a time.
        </Trans>
      )}{' '}
      {short && <Trans>Room in your wallet: {formatRupiah(room, locale)}</Trans>}
    </>
  )
}

function useStart() {
  const navigate = useNavigate()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const start = async (amount: number) => {
    setBusy(true)
    setError(null)
    try {
      const topUp = await createTopUp(amount)
      await navigate({ to: '/topup/$id', params: { id: topUp.id } })
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return { start, busy, error, setError }
}

/** Codes that still wait to be paid. */
function Waiting() {
  const locale = useLocale()
  const { data } = useQuery(waitingTopUpsQuery)
  if (!data || data.length === 0) return null
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>Waiting for payment</Trans>
      </SectionTitle>
      <Card className="divide-y divide-line overflow-hidden">
        {data.map((topUp) => (
          <Link key={topUp.id} to="/topup/$id" params={{ id: topUp.id }} className="flex min-h-14 items-center gap-3 px-4 hover:bg-sunken">
            <Clock3 className="size-5 shrink-0 text-warn" aria-hidden="true" />
            <Money amount={topUp.amount} className="grow font-semibold" />
            <span className="text-sm text-ink3">
              <Trans>until {formatTime(topUp.expires_at, 'time', locale)} WIB</Trans>
            </span>
            <ChevronRight className="size-5 shrink-0 text-ink3" aria-hidden="true" />
          </Link>
        ))}
      </Card>
    </section>
  )
}
