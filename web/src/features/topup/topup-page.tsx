import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { ChevronRight, Clock3 } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { AmountField } from '@/components/ui/amount-field.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Chip } from '@/components/ui/choice.tsx'
import { Money } from '@/components/ui/money.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { Card, Page, SectionTitle } from '@/components/ui/page.tsx'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah, groupDigits, parseRupiah } from '@/lib/money.ts'
import { useOnline } from '@/lib/online.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { limitsQuery, walletQuery } from '@/lib/queries.ts'
import { formatTime } from '@/lib/time.ts'
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
  const locale = useLocale()
  const online = useOnline()
  const { data: wallet } = useQuery(walletQuery)
  const { data: limits } = useQuery(limitsQuery)
  const { amount: amountBefore } = route.useSearch()
  const [text, setText] = useState(amountBefore ? groupDigits(String(amountBefore), locale) : '')
  const { start, busy, error, setError } = useStart()

  const amount = parseRupiah(text, locale)
  const room = wallet && limits && limits.balance_max !== null ? Math.max(0, limits.balance_max - wallet.balance) : null
  const refusal = useRefusal(text, amount, room)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (amount === null || amount === 0) return setError(new RangeError())
    if (refusal === null) void start(amount)
  }
  return (
    <form onSubmit={submit} noValidate className="flex grow flex-col gap-5">
      <AmountField
        label={t`Amount`}
        text={text}
        onText={(next) => {
          setText(next)
          setError(null)
        }}
        first
        error={refusal ?? (error instanceof RangeError ? t`Enter an amount.` : error !== null ? problemSentence(error) : null)}
        hint={room !== null && <Trans>Room in your wallet: {formatRupiah(room, locale)}</Trans>}
      />
      <div className="-mx-5 flex gap-2 overflow-x-auto px-5 py-1">
        {CHIPS.map((chip) => (
          <Chip
            key={chip}
            pressed={amount === chip}
            onClick={() => {
              setText(groupDigits(String(chip), locale))
              setError(null)
            }}
          >
            {groupDigits(String(chip), locale)}
          </Chip>
        ))}
      </div>
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

function useRefusal(text: string, amount: number | null, room: number | null): string | null {
  const { t } = useLingui()
  const locale = useLocale()
  if (text.trim() === '') return null
  if (amount === null) return t`Enter a whole number of rupiah, without minus or fraction.`
  if (room === null || amount <= room) return null
  const most = formatRupiah(room, locale)
  return t`This would pass the most that a wallet may hold. There is room for ${most}.`
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
