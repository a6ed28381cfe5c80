import { useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { ArrowDownLeft, ArrowUpRight, Plus, ShieldAlert, Undo2, type LucideIcon } from 'lucide-react'
import { useLocale } from '@/lib/locale.ts'
import type { Notification } from '@/lib/queries.ts'
import { formatTime } from '@/lib/time.ts'

/** One notice, in the words that the server has for it in either language; about money it leads to the receipt. */
export function NotificationRow({ item }: { item: Notification }) {
  const { t } = useLingui()
  const locale = useLocale()
  const { icon: Icon, look } = MARKS[item.type] ?? SECURITY
  const transferId = item.data['transfer_id']
  const row = 'flex min-h-17 items-center gap-3 px-4 py-3'
  const content = (
    <>
      <span className={`grid size-11 shrink-0 place-items-center rounded-full ${look}`} aria-hidden="true">
        <Icon className="size-5" />
      </span>
      <span className="min-w-0 grow">
        <span className={item.read ? 'block text-ink2' : 'block font-semibold text-ink'}>{item.text[locale]}</span>
        <span className="block text-sm text-ink3">{formatTime(item.created_at, 'stamp', locale)} WIB</span>
      </span>
      {!item.read && <span role="img" aria-label={t`Unread`} className="mt-1.5 size-2.5 shrink-0 self-start rounded-full bg-soga-strong" />}
    </>
  )
  return typeof transferId === 'string' ? (
    <Link to="/tx/$id" params={{ id: transferId }} className={`${row} transition-colors duration-150 hover:bg-sunken`}>
      {content}
    </Link>
  ) : (
    <div className={row}>{content}</div>
  )
}

interface Mark {
  icon: LucideIcon
  look: string
}

const MARKS: Partial<Record<Notification['type'], Mark>> = {
  'transfer.received': { icon: ArrowDownLeft, look: 'bg-gain-soft text-gain' },
  'transfer.sent': { icon: ArrowUpRight, look: 'bg-primary-soft text-primary' },
  'transfer.reversed': { icon: Undo2, look: 'bg-warn-soft text-warn' },
  'topup.settled': { icon: Plus, look: 'bg-gain-soft text-gain' },
}
const SECURITY: Mark = { icon: ShieldAlert, look: 'bg-warn-soft text-warn' }
