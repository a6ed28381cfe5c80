import { Trans } from '@lingui/react/macro'
import { CloudOff, RotateCw, SearchX } from 'lucide-react'
import type { ReactNode } from 'react'
import { isProblem } from '@/lib/problem.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { Button } from './button.tsx'

interface EmptyProps {
  icon: ReactNode
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
}

/** Nothing here yet: says so, and what would fill it. */
export function EmptyState({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="grid justify-items-center gap-1 px-6 py-10 text-center">
      <div className="mb-3 grid size-14 place-items-center rounded-full bg-soga-soft text-soga-ink [&>svg]:size-6" aria-hidden="true">
        {icon}
      </div>
      <p className="font-semibold text-ink">{title}</p>
      {children && <p className="max-w-80 text-sm text-ink3">{children}</p>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  )
}

/** Something failed: the sentence of the problem, and a way to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  // What does not exist will not exist at the next try.
  const missing = isProblem(error, 'not-found')
  return (
    <div role="alert" className="grid justify-items-center gap-1 px-6 py-10 text-center">
      <div className="mb-3 grid size-14 place-items-center rounded-full bg-warn-soft text-warn" aria-hidden="true">
        {missing ? <SearchX className="size-6" /> : <CloudOff className="size-6" />}
      </div>
      <p className="max-w-96 text-ink2">{problemSentence(error)}</p>
      {onRetry && !missing && (
        <Button look="secondary" className="mt-4" icon={<RotateCw className="size-4" aria-hidden="true" />} onClick={onRetry}>
          <Trans>Try again</Trans>
        </Button>
      )}
    </div>
  )
}
