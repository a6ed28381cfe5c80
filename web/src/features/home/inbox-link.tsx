import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Bell } from 'lucide-react'
import { unreadQuery } from '@/lib/queries.ts'

const SHOWN_MAX = 99

export function InboxLink() {
  const { t } = useLingui()
  const { data: unread = 0 } = useQuery(unreadQuery)
  return (
    <Link
      to="/inbox"
      aria-label={unread > 0 ? t`Inbox, ${unread} unread` : t`Inbox`}
      className="relative -mr-2 grid size-11 place-items-center rounded-full text-ink2 hover:bg-sunken"
    >
      <Bell className="size-5.5" aria-hidden="true" />
      {unread > 0 && (
        <span className="money absolute top-0.5 right-0 grid h-5 min-w-5 animate-pop place-items-center rounded-full bg-loss px-1 text-xs font-bold text-canvas" aria-hidden="true">
          {unread > SHOWN_MAX ? `${SHOWN_MAX}+` : unread}
        </span>
      )}
    </Link>
  )
}
