import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { AmountField } from '@/components/ui/amount-field.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Chip } from '@/components/ui/choice.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { TextField } from '@/components/ui/text-field.tsx'
import { newId } from '@/lib/ids.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah, groupDigits, parseRupiah } from '@/lib/money.ts'
import { useOnline } from '@/lib/online.ts'
import { limitsQuery, walletQuery, type Limits } from '@/lib/queries.ts'
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
export function AmountStep({ to, amount: amountBefore, note: noteBefore }: Props) {
  const { t } = useLingui()
  const locale = useLocale()
  const online = useOnline()
  const navigate = useNavigate()
  const check = useNameCheck(to)
  const { data: wallet } = useQuery(walletQuery)
  const { data: limits } = useQuery(limitsQuery)
  const [text, setText] = useState(amountBefore ? groupDigits(String(amountBefore), locale) : '')
  const [note, setNote] = useState(noteBefore ?? '')
  const [tried, setTried] = useState(false)

  const amount = parseRupiah(text, locale)
  const refusal = checkAmount(text, amount, wallet, limits)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (refusal !== null || amount === null || check.state !== 'found') return
    const draft = { to, amount, note: note.trim() || undefined }
    // The step is put into the address first, so that Back finds what was typed.
    await navigate({ to: '/send', search: draft, replace: true })
    await navigate({ to: '/send/review', search: { ...draft, id: newId() } })
  }
  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="flex grow flex-col gap-5">
      <NameCheck check={check} />
      <AmountField
        label={t`Amount`}
        text={text}
        onText={setText}
        first
        error={tried || refusal?.early ? refusal?.sentence : null}
        hint={amount !== null && refusal === null && wallet ? <Trans>Balance after: {formatRupiah(wallet.balance - amount, locale)}</Trans> : wallet && <Trans>Balance: {formatRupiah(wallet.balance, locale)}</Trans>}
      />
      <div className="-mx-5 flex gap-2 overflow-x-auto px-5 py-1">
        {CHIPS.map((chip) => (
          <Chip key={chip} pressed={amount === chip} onClick={() => setText(groupDigits(String(chip), locale))}>
            {groupDigits(String(chip), locale)}
          </Chip>
        ))}
      </div>
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
