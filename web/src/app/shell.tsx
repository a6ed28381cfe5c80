import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { ChartNoAxesColumn, House, ReceiptText, ScanLine, UserRound, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from '@/lib/class-names.ts'
import { walletQuery } from '@/lib/queries.ts'

/** The tabs: along the bottom on a phone, a rail at the side from 900 px. */
export function Shell() {
  const { t } = useLingui()
  // Watches the wallet on every tab: what it finds refreshes the lists, and nothing here is drawn anew for it.
  useQuery({ ...walletQuery, notifyOnChangeProps: [] })
  return (
    <div className="rail:grid rail:grid-cols-[13.5rem_minmax(0,1fr)]">
      <nav
        aria-label={t`Main`}
        className={classNames(
          'fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)]',
          'rail:sticky rail:top-0 rail:bottom-auto rail:h-dvh rail:border-t-0 rail:border-r rail:px-3 rail:py-5',
        )}
      >
        <p className="mb-6 hidden items-center gap-2.5 px-3 text-base font-extrabold rail:flex">
          <img src="/icon.svg" alt="" width="32" height="32" />
          E-Wallet Lite
        </p>
        <ul className="mx-auto grid max-w-130 grid-cols-5 rail:grid-cols-1 rail:gap-1">
          <Tab to="/home" icon={House}>
            <Trans>Home</Trans>
          </Tab>
          <Tab to="/activity" icon={ReceiptText}>
            <Trans>Activity</Trans>
          </Tab>
          <Tab to="/scan" icon={ScanLine} raised>
            <Trans>Scan</Trans>
          </Tab>
          <Tab to="/insights" icon={ChartNoAxesColumn}>
            <Trans>Insights</Trans>
          </Tab>
          <Tab to="/account" icon={UserRound}>
            <Trans>Account</Trans>
          </Tab>
        </ul>
      </nav>
      <Outlet />
    </div>
  )
}

interface TabProps {
  to: '/home' | '/activity' | '/scan' | '/insights' | '/account'
  icon: LucideIcon
  raised?: boolean
  children: ReactNode
}

function Tab({ to, icon: Icon, raised = false, children }: TabProps) {
  return (
    <li className="min-w-0">
      <Link
        to={to}
        activeOptions={{ includeSearch: false }}
        className={classNames(
          'group flex min-h-16 flex-col items-center justify-center gap-0.5 text-xs font-semibold text-ink3 transition-colors duration-150',
          'rail:min-h-12 rail:flex-row rail:justify-start rail:gap-3 rail:rounded-md rail:px-3 rail:text-base rail:hover:bg-sunken',
          'aria-[current=page]:text-primary rail:aria-[current=page]:bg-primary-soft',
        )}
      >
        {raised ? (
          <span className="-mt-6 grid size-13 place-items-center rounded-full bg-primary text-on-primary shadow-card transition-transform duration-150 group-active:scale-95 rail:mt-0 rail:size-auto rail:bg-transparent rail:text-current rail:shadow-none">
            <Icon className="size-6 rail:size-5.5" aria-hidden="true" />
          </span>
        ) : (
          <span className="grid h-7 w-14 place-items-center rounded-full transition-colors duration-150 group-aria-[current=page]:bg-primary-soft rail:h-auto rail:w-auto rail:bg-transparent">
            <Icon className="size-5.5" aria-hidden="true" />
          </span>
        )}
        <span className="max-w-full truncate px-0.5">{children}</span>
      </Link>
    </li>
  )
}
