import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Copy, Download, Share2 } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { AmountField } from '@/components/ui/amount-field.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Money } from '@/components/ui/money.tsx'
import { Page } from '@/components/ui/page.tsx'
import { QrCode } from '@/components/ui/qr-code.tsx'
import { Sheet } from '@/components/ui/sheet.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { ErrorState } from '@/components/ui/states.tsx'
import { toast } from '@/components/ui/toast.tsx'
import { copyText } from '@/lib/clipboard.ts'
import { buildPayload } from '@/lib/emv.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah, groupAccountNumber, groupDigits, parseRupiah } from '@/lib/money.ts'
import { meQuery, walletQuery } from '@/lib/queries.ts'
import { downloadFile, shareImage } from '@/lib/share.ts'
import { drawPoster } from './poster.ts'

const route = getRouteApi('/signed-in/receive')

/** My own code: a static one, or one with an amount. */
export function ReceivePage() {
  const { t } = useLingui()
  const { amount } = route.useSearch()
  const { wallet, me, error, retry } = useMine()
  const [asking, setAsking] = useState(false)
  const payload = wallet && me ? buildPayload(wallet.account_number, me.full_name, amount) : null
  if (error !== null) {
    return (
      <Page kind="flow" title={t`Receive`} backTo="/home">
        <ErrorState error={error} onRetry={retry} />
      </Page>
    )
  }
  return (
    <Page kind="flow" title={t`Receive`} backTo="/home">
      <div className="mt-2 grid justify-items-center rounded-xl border border-line bg-surface p-5 text-center">
        <p className="min-h-6.5 max-w-full truncate text-lg font-bold">{me?.full_name ?? <Skeleton className="h-6 w-40" />}</p>
        <p className="money min-h-6 text-ink3">{wallet ? groupAccountNumber(wallet.account_number) : <Skeleton className="h-5 w-36" />}</p>
        {payload ? (
          <QrCode text={payload} label={t`My QR code`} className="mt-4 w-full max-w-72 rounded-md" />
        ) : (
          <Skeleton className="mt-4 aspect-square w-full max-w-72" />
        )}
        <p className="mt-3 min-h-9 text-2xl">{amount !== undefined && <Money amount={amount} />}</p>
        <Button look="quiet" onClick={() => setAsking(true)}>
          {amount === undefined ? <Trans>Ask for an amount</Trans> : <Trans>Change the amount</Trans>}
        </Button>
      </div>
      <p className="mt-4 text-center text-sm text-ink3">
        <Trans>Another person with E-Wallet Lite scans this and pays you. Their app asks our books for your name.</Trans>
      </p>
      {payload && wallet && me && <Actions payload={payload} name={me.full_name} number={wallet.account_number} amount={amount} />}
      <Sheet title={t`Ask for an amount`} open={asking} onClose={() => setAsking(false)}>
        <AmountForm amount={amount} onDone={() => setAsking(false)} />
      </Sheet>
    </Page>
  )
}

function useMine() {
  const wallet = useQuery(walletQuery)
  const me = useQuery(meQuery)
  const error = (wallet.data ? null : wallet.error) ?? (me.data ? null : me.error)
  return { wallet: wallet.data, me: me.data, error, retry: () => void Promise.all([wallet.refetch(), me.refetch()]) }
}

interface ActionsProps {
  payload: string
  name: string
  number: string
  amount: number | undefined
}

function Actions({ payload, name, number, amount }: ActionsProps) {
  const { t } = useLingui()
  const locale = useLocale()
  const file = `e-wallet-${number}.png`
  const draw = (use: (image: Blob) => void) => {
    drawPoster({ payload, name, number: groupAccountNumber(number), amount: amount === undefined ? null : formatRupiah(amount, locale) })
      .then(use)
      .catch(() => toast(t`The picture could not be made.`))
  }
  const copy = async () => {
    if (await copyText(number)) toast(t`Account number copied`)
  }
  return (
    <div className="mt-auto grid grid-cols-3 gap-2 pt-6">
      <Button look="secondary" className="min-h-16 flex-col gap-1 px-2 text-sm" icon={<Copy className="size-5" aria-hidden="true" />} onClick={() => void copy()}>
        <Trans>Copy</Trans>
      </Button>
      <Button look="secondary" className="min-h-16 flex-col gap-1 px-2 text-sm" icon={<Download className="size-5" aria-hidden="true" />} onClick={() => draw((image) => downloadFile(image, file))}>
        <Trans>Save</Trans>
      </Button>
      <Button look="secondary" className="min-h-16 flex-col gap-1 px-2 text-sm" icon={<Share2 className="size-5" aria-hidden="true" />} onClick={() => draw((image) => void shareImage(image, file, t`My QR code`))}>
        <Trans>Share</Trans>
      </Button>
    </div>
  )
}

function AmountForm({ amount: before, onDone }: { amount: number | undefined; onDone: () => void }) {
  const { t } = useLingui()
  const locale = useLocale()
  const navigate = useNavigate()
  const [text, setText] = useState(before === undefined ? '' : groupDigits(String(before), locale))
  const amount = parseRupiah(text, locale)
  const wrong = text !== '' && (amount === null || amount === 0)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (wrong) return
    void navigate({ to: '/receive', search: { amount: amount ?? undefined }, replace: true })
    onDone()
  }
  return (
    <form onSubmit={submit} className="grid gap-5 pt-2">
      <AmountField label={t`Amount`} text={text} onText={setText} first error={wrong ? t`Enter a whole number of rupiah, without minus or fraction.` : null} hint={<Trans>Leave it empty for a code without an amount.</Trans>} />
      <Button type="submit" size="lg">
        <Trans>Show the code</Trans>
      </Button>
    </form>
  )
}
