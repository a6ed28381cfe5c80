import { useLingui } from '@lingui/react/macro'
import { getRouteApi } from '@tanstack/react-router'
import { Page } from '@/components/ui/page.tsx'
import { AmountStep } from './amount-step.tsx'
import { RecipientStep } from './recipient-step.tsx'

const route = getRouteApi('/signed-in/send')

/** Two steps on one address: whom (`/send`), then how much (`/send?to=…`). */
export function SendPage() {
  const { t } = useLingui()
  const { to, amount, note } = route.useSearch()
  return (
    <Page kind="flow" title={to ? t`How much?` : t`Send to whom?`} backTo="/home" key={to ?? 'recipient'}>
      {to ? <AmountStep to={to} amount={amount} note={note} /> : <RecipientStep amount={amount} note={note} />}
    </Page>
  )
}
