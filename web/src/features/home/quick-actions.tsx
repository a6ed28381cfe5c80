import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { ArrowUpRight, Plus, QrCode, ScanLine, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

export function QuickActions() {
  return (
    <ul className="mt-5 grid grid-cols-4 gap-2">
      <Action to="/send" icon={ArrowUpRight}>
        <Trans>Send</Trans>
      </Action>
      <Action to="/topup" icon={Plus}>
        <Trans>Top up</Trans>
      </Action>
      <Action to="/receive" icon={QrCode}>
        <Trans>Receive</Trans>
      </Action>
      <Action to="/scan" icon={ScanLine}>
        <Trans>Scan</Trans>
      </Action>
    </ul>
  )
}

function Action({ to, icon: Icon, children }: { to: '/send' | '/topup' | '/receive' | '/scan'; icon: LucideIcon; children: ReactNode }) {
  return (
    <li className="min-w-0">
      <Link to={to} className="group flex flex-col items-center gap-2 rounded-md py-1 text-center text-sm font-semibold text-ink2">
        <span className="grid size-14 place-items-center rounded-lg bg-primary-soft text-primary transition-[transform,background-color,color] duration-150 group-hover:bg-primary group-hover:text-on-primary group-active:scale-95">
          <Icon className="size-6" aria-hidden="true" />
        </span>
        <span className="max-w-full truncate">{children}</span>
      </Link>
    </li>
  )
}
