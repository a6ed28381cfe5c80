import { Trans, useLingui } from '@lingui/react/macro'
import { Copy, ExternalLink, Hourglass, LoaderCircle, Share2 } from 'lucide-react'
import { useState } from 'react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { QrCode } from '@/components/ui/qr-code.tsx'
import { toast } from '@/components/ui/toast.tsx'
import { copyText } from '@/lib/clipboard.ts'
import { useNow } from '@/lib/clock.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { queryClient, type TopUp } from '@/lib/queries.ts'
import { formatCountdown } from '@/lib/countdown.ts'
import { cancelTopUp } from './topups.ts'

export function CodeToPay({ topUp }: { topUp: TopUp }) {
  const { t } = useLingui()
  const locale = useLocale()
  const amount = formatRupiah(topUp.amount, locale)
  return (
    <div className="flex grow flex-col">
      <div className="relative mt-2 overflow-hidden rounded-xl border border-line bg-surface p-5 text-center">
        <p className="text-sm text-ink3">
          <Trans>Scan to pay</Trans>
        </p>
        <p className="money text-2xl">{amount}</p>
        <QrCode text={topUp.pay_url} label={t`QR code to pay ${amount}`} className="mx-auto mt-4 w-full max-w-72 rounded-md" />
        <Countdown topUp={topUp} />
      </div>
      <p className="mt-4 text-center text-sm text-ink3">
        <Trans>Any phone can open this code, without an account. This page turns green by itself when it has been paid.</Trans>
      </p>
      <Actions topUp={topUp} />
    </div>
  )
}

function Countdown({ topUp }: { topUp: TopUp }) {
  const now = useNow()
  const whole = Date.parse(topUp.expires_at) - Date.parse(topUp.created_at)
  const left = Math.min(whole, Date.parse(topUp.expires_at) - now)
  if (topUp.status === 'paid') {
    return (
      <p role="status" className="mt-4 flex items-center justify-center gap-2 font-semibold text-gain">
        <LoaderCircle className="size-5 animate-turn" aria-hidden="true" />
        <Trans>Paid; adding it to your balance…</Trans>
      </p>
    )
  }
  return (
    <div className="mt-4">
      <p className="money flex items-center justify-center gap-2 text-sm font-semibold text-ink2">
        <Hourglass className="size-4 text-soga-strong" aria-hidden="true" />
        {left > 0 ? <Trans>Valid for {formatCountdown(left)}</Trans> : <Trans>Expiring…</Trans>}
      </p>
      <div className="mx-auto mt-2 h-1.5 max-w-72 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <div className="h-full w-full origin-left bg-soga transition-transform duration-1000 ease-linear" style={{ transform: `scaleX(${Math.max(0, Math.min(1, left / whole))})` }} />
      </div>
    </div>
  )
}

function Actions({ topUp }: { topUp: TopUp }) {
  const { t } = useLingui()
  const copy = async () => {
    if (await copyText(topUp.pay_url)) toast(t`Link copied`)
  }
  const share = () => void navigator.share({ title: 'E-Wallet Lite', url: topUp.pay_url }).catch(() => undefined)
  return (
    <div className="mt-auto grid gap-3 pt-6">
      <div className="grid grid-cols-2 gap-3">
        {'share' in navigator ? (
          <Button look="secondary" icon={<Share2 className="size-5" aria-hidden="true" />} onClick={share}>
            <Trans>Share</Trans>
          </Button>
        ) : (
          <Button look="secondary" icon={<Copy className="size-5" aria-hidden="true" />} onClick={() => void copy()}>
            <Trans>Copy link</Trans>
          </Button>
        )}
        <a href={topUp.pay_url} target="_blank" rel="noreferrer" className={buttonClass('secondary')}>
          <ExternalLink className="size-5" aria-hidden="true" />
          <Trans>Open</Trans>
        </a>
      </div>
      <CancelButton topUp={topUp} />
    </div>
  )
}

function CancelButton({ topUp }: { topUp: TopUp }) {
  const [busy, setBusy] = useState(false)
  const cancel = async () => {
    setBusy(true)
    try {
      queryClient.setQueryData(['topup', topUp.id], await cancelTopUp(topUp.id))
    } catch (error) {
      toast(problemSentence(error))
      await queryClient.invalidateQueries({ queryKey: ['topup', topUp.id] })
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button look="quiet" size="lg" busy={busy} disabled={topUp.status !== 'pending'} onClick={() => void cancel()}>
      <Trans>Cancel this top-up</Trans>
    </Button>
  )
}
