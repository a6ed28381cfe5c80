import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from '@/lib/class-names.ts'

const TONES = {
  info: { look: 'bg-primary-soft text-ink', icon: Info, mark: 'text-primary' },
  warn: { look: 'bg-warn-soft text-ink', icon: TriangleAlert, mark: 'text-warn' },
  loss: { look: 'bg-loss-soft text-ink', icon: CircleAlert, mark: 'text-loss' },
  gain: { look: 'bg-gain-soft text-ink', icon: CircleCheck, mark: 'text-gain' },
}

/** A message in the flow of the page; `role` is alert only where it appears by itself. */
export function Notice({ tone = 'info', role, children }: { tone?: keyof typeof TONES; role?: 'alert' | 'status'; children: ReactNode }) {
  const { look, icon: Icon, mark } = TONES[tone]
  return (
    <div role={role} className={classNames('flex gap-3 rounded-md px-4 py-3 text-sm', look)}>
      <Icon className={classNames('mt-0.5 size-4.5 shrink-0', mark)} aria-hidden="true" />
      <div className="min-w-0 grow">{children}</div>
    </div>
  )
}
