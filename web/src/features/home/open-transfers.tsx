import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { ChevronRight, LoaderCircle } from 'lucide-react'
import { Money } from '@/components/ui/money.tsx'
import { useOpenOutgoing } from '@/lib/outgoing.ts'

/** Transfers whose outcome is not known yet: nobody should have to remember that one is open. */
export function OpenTransfers() {
  const open = useOpenOutgoing()
  return open.map((transfer) => (
    <Link
      key={transfer.id}
      to="/tx/$id"
      params={{ id: transfer.id }}
      className="mb-3 flex min-h-14 items-center gap-3 rounded-md bg-warn-soft px-4 py-2 text-sm text-ink"
    >
      <LoaderCircle className="size-5 shrink-0 animate-turn text-warn" aria-hidden="true" />
      <span className="min-w-0 grow">
        <Trans>
          <Money amount={transfer.amount} className="font-bold" /> to {transfer.payee_name} is being processed
        </Trans>
      </span>
      <ChevronRight className="size-5 shrink-0 text-ink3" aria-hidden="true" />
    </Link>
  ))
}
