import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Ban, Check, Hourglass, Layers2, SearchCheck, TimerOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { buttonClass } from '@/components/ui/button.tsx'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import type { TopUp } from '@/lib/queries.ts'

interface Face {
  icon: ReactNode
  look: string
  title: ReactNode
  text: ReactNode
}

/** How a top-up ended. */
export function TopUpOutcome({ topUp }: { topUp: TopUp }) {
  const locale = useLocale()
  const face = topUp.reason === 'superseded' ? SUPERSEDED : faceOf(topUp.status)
  const settled = topUp.status === 'settled'
  return (
    <div className="flex grow flex-col">
      <div role="status" className="grid justify-items-center gap-1 pt-12 text-center">
        <span className={`mb-4 grid size-24 animate-pop place-items-center rounded-full ${face.look} [&>svg]:size-11`} aria-hidden="true">
          {face.icon}
        </span>
        <h2 className="text-xl">{face.title}</h2>
        <p className={`money mt-1 text-2xl ${settled ? 'text-gain' : ''}`}>{formatRupiah(topUp.amount, locale, settled ? 'always' : 'negative')}</p>
        <p className="mt-2 max-w-80 text-ink3">{face.text}</p>
      </div>
      <div className="mt-auto grid gap-3 pt-8">
        {settled ? (
          <Link to="/tx/$id" params={{ id: topUp.id }} className={buttonClass('secondary', 'lg')}>
            <Trans>See the receipt</Trans>
          </Link>
        ) : (
          <Link to="/topup" search={{ amount: topUp.amount }} className={buttonClass('secondary', 'lg')}>
            <Trans>Make a new one</Trans>
          </Link>
        )}
        <Link to="/home" className={buttonClass('primary', 'lg')}>
          <Trans>Back to home</Trans>
        </Link>
      </div>
    </div>
  )
}

/** Not cancelled by anybody's hand: a newer one took its place. */
const SUPERSEDED: Face = {
  icon: <Layers2 />,
  look: 'bg-sunken text-ink3',
  title: <Trans>Replaced by a newer one</Trans>,
  text: <Trans>You asked for a newer code, and at most five wait at a time. Nothing was charged.</Trans>,
}

function faceOf(status: TopUp['status']): Face {
  switch (status) {
    case 'settled':
      return { icon: <Check />, look: 'bg-gain-soft text-gain', title: <Trans>Top-up received</Trans>, text: <Trans>It is in your balance now.</Trans> }
    case 'expired':
      return { icon: <TimerOff />, look: 'bg-warn-soft text-warn', title: <Trans>The code has expired</Trans>, text: <Trans>Nobody paid it in time. Nothing was charged.</Trans> }
    case 'cancelled':
      return { icon: <Ban />, look: 'bg-sunken text-ink3', title: <Trans>Cancelled</Trans>, text: <Trans>This code can no longer be paid.</Trans> }
    case 'declined':
      return { icon: <Ban />, look: 'bg-loss-soft text-loss', title: <Trans>The payer declined</Trans>, text: <Trans>Nothing was charged.</Trans> }
    case 'review':
      return { icon: <SearchCheck />, look: 'bg-warn-soft text-warn', title: <Trans>Under review</Trans>, text: <Trans>The payment did not match this top-up, so we look into it. No money is lost.</Trans> }
    default:
      return { icon: <Hourglass />, look: 'bg-warn-soft text-warn', title: <Trans>Being processed</Trans>, text: <Trans>This takes a moment.</Trans> }
  }
}
