import { Trans } from '@lingui/react/macro'
import { Ban, Check, LoaderCircle, SearchCheck, TimerOff } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Schemas } from '@/lib/api.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'

interface Face {
  icon: ReactNode
  look: string
  title: ReactNode
  text: ReactNode
}

export function PayOutcome({ page }: { page: Schemas['PayPage'] }) {
  const locale = useLocale()
  const face = faceOf(page.status, page.payee_name)
  return (
    <div role="status" className="grid justify-items-center gap-1 pt-12 text-center">
      <span className={`mb-4 grid size-24 animate-pop place-items-center rounded-full ${face.look} [&>svg]:size-11`} aria-hidden="true">
        {face.icon}
      </span>
      <h2 className="text-xl">{face.title}</h2>
      <p className="money mt-1 text-2xl">{formatRupiah(page.amount, locale)}</p>
      <p className="mt-2 max-w-80 text-ink3">{face.text}</p>
    </div>
  )
}

function faceOf(status: Schemas['TopUpStatus'], name: string): Face {
  switch (status) {
    case 'settled':
      return { icon: <Check />, look: 'bg-gain-soft text-gain', title: <Trans>Paid</Trans>, text: <Trans>{name} has received it. You can close this page.</Trans> }
    case 'paid':
      return { icon: <LoaderCircle className="animate-turn" />, look: 'bg-gain-soft text-gain', title: <Trans>Paid</Trans>, text: <Trans>It is being added to the wallet of {name}.</Trans> }
    case 'declined':
      return { icon: <Ban />, look: 'bg-sunken text-ink3', title: <Trans>Declined</Trans>, text: <Trans>Nothing was charged.</Trans> }
    case 'cancelled':
      return { icon: <Ban />, look: 'bg-sunken text-ink3', title: <Trans>Cancelled</Trans>, text: <Trans>{name} withdrew this request. Nothing was charged.</Trans> }
    case 'review':
      return { icon: <SearchCheck />, look: 'bg-warn-soft text-warn', title: <Trans>Under review</Trans>, text: <Trans>We are looking into this payment. No money is lost.</Trans> }
    default:
      return { icon: <TimerOff />, look: 'bg-warn-soft text-warn', title: <Trans>The code has expired</Trans>, text: <Trans>Ask for a new one. Nothing was charged.</Trans> }
  }
}
