import { useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Plus, Undo2 } from 'lucide-react'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import type { Entry } from '@/lib/queries.ts'
import { formatTime } from '@/lib/time.ts'
import { Avatar } from './ui/avatar.tsx'
import { Money } from './ui/money.tsx'

/** One movement in a list; leads to its receipt. `masked` hides the figures, not the fact. */
export function EntryRow({ entry, showBalance = false, showDay = false, masked = false }: { entry: Entry; showBalance?: boolean; showDay?: boolean; masked?: boolean }) {
  const { t } = useLingui()
  const locale = useLocale()
  const amount = entry.direction === 'in' ? entry.amount : -entry.amount
  const title = useEntryTitle(entry)
  const time = formatTime(entry.posted_at, 'time', locale)
  const when = showDay ? `${formatTime(entry.posted_at, 'shortDay', locale)}, ${time}` : time
  return (
    <Link
      to="/tx/$id"
      params={{ id: entry.transfer_id }}
      className="flex min-h-17 items-center gap-3 px-4 py-3 transition-colors duration-150 hover:bg-sunken"
    >
      <EntryMark entry={entry} />
      <span className="min-w-0 grow">
        <span className="block truncate font-semibold text-ink">{title}</span>
        <span className="block truncate text-sm text-ink3">
          {when}
          {entry.note && ` · ${entry.note}`}
        </span>
      </span>
      <span className="shrink-0 text-right">
        <span className={entry.direction === 'in' ? 'block font-bold text-gain' : 'block font-bold text-ink'}>
          {masked ? '••••' : <Money amount={amount} sign="always" />}
        </span>
        {showBalance && !masked && (
          <span className="money block text-xs text-ink3" title={t`Balance after`}>
            <span className="sr-only">{t`Balance after`} </span>
            {formatRupiah(entry.balance_after, locale)}
          </span>
        )}
      </span>
    </Link>
  )
}

function useEntryTitle(entry: Entry): string {
  const { t } = useLingui()
  if (entry.kind === 'topup') return t`Top-up`
  if (entry.counterparty) return entry.counterparty.name
  return entry.kind === 'reversal' ? t`Reversal` : t`Transfer`
}

function EntryMark({ entry }: { entry: Entry }) {
  if (entry.kind === 'transfer' && entry.counterparty) {
    return <Avatar name={entry.counterparty.name} seed={entry.counterparty.account_number} />
  }
  return (
    <span className="grid size-11 shrink-0 place-items-center rounded-full bg-gain-soft text-gain" aria-hidden="true">
      {entry.kind === 'reversal' ? <Undo2 className="size-5" /> : <Plus className="size-5" />}
    </span>
  )
}
