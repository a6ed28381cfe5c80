import { Trans } from '@lingui/react/macro'
import { Button } from '@/components/ui/button.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import type { Reading } from './reading.ts'

type Refused = Exclude<Reading, { kind: 'account' | 'topup' }>

/** Why a code cannot be used here; another network's code is still shown for what it says. */
export function RefusedReading({ reading, onAgain }: { reading: Refused; onAgain: () => void }) {
  return (
    <div className="grid gap-5 pt-2">
      {reading.kind === 'foreign' && <ForeignCode reading={reading} />}
      {reading.kind === 'damaged' && (
        <Notice tone="loss">
          <Trans>The code is damaged: its check sum does not fit. Ask for a new one.</Trans>
        </Notice>
      )}
      {reading.kind === 'unknown' && (
        <Notice tone="warn">
          <Trans>There is no payment code that we know in it.</Trans>
        </Notice>
      )}
      <Button size="lg" onClick={onAgain}>
        <Trans>Scan again</Trans>
      </Button>
    </div>
  )
}

function ForeignCode({ reading }: { reading: Extract<Refused, { kind: 'foreign' }> }) {
  const locale = useLocale()
  const { merchant, city, amount } = reading.payload
  const whole = amount !== null && /^\d{1,15}(\.0+)?$/.test(amount) ? formatRupiah(Number.parseInt(amount, 10), locale) : amount
  return (
    <>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 rounded-md bg-sunken px-4 py-3">
        <dt className="text-ink3">
          <Trans>Merchant</Trans>
        </dt>
        <dd className="text-right font-semibold">{merchant || '—'}</dd>
        <dt className="text-ink3">
          <Trans>City</Trans>
        </dt>
        <dd className="text-right font-semibold">{city || '—'}</dd>
        {whole && (
          <>
            <dt className="text-ink3">
              <Trans>Amount</Trans>
            </dt>
            <dd className="money text-right font-semibold">{whole}</dd>
          </>
        )}
      </dl>
      <Notice tone="info">
        <Trans>This code belongs to another payment network. E-Wallet Lite pays only within itself, so please use another app for it.</Trans>
      </Notice>
    </>
  )
}
