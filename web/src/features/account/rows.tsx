import { Link } from '@tanstack/react-router'
import { ChevronRight, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

const ROW = 'flex min-h-14 w-full items-center gap-3.5 px-4 text-left font-medium transition-colors duration-150 hover:bg-sunken'

interface Props {
  icon: LucideIcon
  children: ReactNode
}

export function ActionRow({ icon, onClick, children }: Props & { onClick: () => void }) {
  return (
    <button type="button" className={ROW} onClick={onClick}>
      <Content icon={icon}>{children}</Content>
    </button>
  )
}

export function LinkRow({ icon, to, children }: Props & { to: '/account/sessions' | '/account/notifications' | '/statements' | '/docs' }) {
  return (
    <Link to={to} className={ROW}>
      <Content icon={icon}>{children}</Content>
    </Link>
  )
}

function Content({ icon: Icon, children }: Props) {
  return (
    <>
      <Icon className="size-5 shrink-0 text-primary" aria-hidden="true" />
      <span className="min-w-0 grow">{children}</span>
      <ChevronRight className="size-5 shrink-0 text-ink3" aria-hidden="true" />
    </>
  )
}
