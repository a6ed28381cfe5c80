import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { AmountChips } from '@/components/amount-chips.tsx'
import { AsOf } from '@/components/as-of.tsx'
import { AmountField } from '@/components/ui/amount-field.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { TextField } from '@/components/ui/text-field.tsx'
import { newId } from '@/lib/ids.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah, groupDigits, parseRupiah } from '@/lib/money.ts'
import { useOnline } from '@/lib/online.ts'
import { limitsQuery, walletQuery, type Limits, type Wallet } from '@/lib/queries.ts'
import { checkAmount, leftToday } from './amount-rules.ts'
import { NameCheck, useNameCheck } from './name-check.tsx'

const CHIPS = [20_000, 50_000, 100_000, 200_000, 500_000]
const NOTE_MAX = 140

interface Props {
  to: string
  amount: number | undefined
  note: string | undefined
}

/** How much, and what for; what the wallet and its limits do not allow is said before anything is sent. */
export function AmountStep(props: Props) {
  const { t } = useLingui()
  const online = useOnline()
  const check = useNameCheck(props.to)
  const { text, setText, note, setNote, amount, refusal, wallet, walletAt, limits } = useDraft(props)
  const [tried, setTried] = useState(false)
  const review = useReview()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (refusal === null && amount !== null && check.state === 'found') void review({ to: props.to, amount, note: note.trim() || undefined })
  }
  return (
    <form onSubmit={submit} noValidate className="flex grow flex-col gap-5">
      <NameCheck check={check} />
      <AmountField label={t`Amount`} text={text} onText={setText} first error={tried || refusal?.early ? refusal?.sentence : null} hint={<BalanceAfter wallet={wallet} at={walletAt} amount={refusal === null ? amount : null} />} />
      <AmountChips amounts={CHIPS} amount={amount} onPick={setText} />
      <TextField label={t`Note, optional`} value={note} maxLength={NOTE_MAX} autoComplete="off" onChange={(event) => setNote(event.target.value)} hint={note.length > NOTE_MAX - 40 ? t`${NOTE_MAX - note.length} characters left` : undefined} />
      <LeftToday limits={limits} />
      <div className="mt-auto grid gap-3 pt-4">
        {!online && (
          <Notice tone="warn">
            <Trans>You are offline. Sending waits until you are back.</Trans>
          </Notice>
        )}
        <Button type="submit" size="lg" disabled={!online || check.state !== 'found'}>
          <Trans>Continue</Trans>
        </Button>
      </div>
    </form>
  )
}

function useDraft({ amount: amountBefore, note: noteBefore }: Props) {
  const locale = useLocale()
  const { data: wallet, dataUpdatedAt: walletAt } = useQuery(walletQuery)
  const { data: limits } = useQuery(limitsQuery)
  const [text, setText] = useState(amountBefore ? groupDigits(String(amountBefore), locale) : '')
  const [note, setNote] = useState(noteBefore ?? '')
  const amount = parseRupiah(text, locale)
  return { text, setText, note, setNote, amount, refusal: checkAmount(text, amount, wallet, limits), wallet, walletAt, limits }
}

/** The step is put into the address before it is left, so that Back finds what was typed. */
function useReview() {
  const navigate = useNavigate()
  return async (draft: Props) => {
    await navigate({ to: '/send', search: draft, replace: true })
    await navigate({ to: '/send/review', search: { ...draft, id: newId() } })
  }
}

function BalanceAfter({ wallet, at, amount }: { wallet: Wallet | undefined; at: number; amount: number | null }) {
  const locale = useLocale()
  if (!wallet) return <Skeleton className="h-5 w-40" />
  return (
    <>
      {amount === null ? <Trans>Balance: {formatRupiah(wallet.balance, locale)}</Trans> : <Trans>Balance after: {formatRupiah(wallet.balance - amount, locale)}</Trans>}{' '}
      <AsOf at={at} />
    </>
  )
}

function LeftToday({ limits }: { limits: Limits | undefined }) {
  const locale = useLocale()
  const left = limits ? leftToday(limits) : null
  if (!limits || left === null || limits.daily_out_amount === null) return null
  return (
    <p className="text-sm text-ink3">
      <Trans>
        Left to send today: {formatRupiah(left, locale)} of {formatRupiah(limits.daily_out_amount, locale)}
      </Trans>
    </p>
  )
}
