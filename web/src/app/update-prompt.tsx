import { Trans } from '@lingui/react/macro'
import { useSyncExternalStore } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { workerUpdate } from './worker.ts'

/** A new version waits until the person takes it; a payment is never interrupted. */
export function UpdatePrompt() {
  const waiting = useSyncExternalStore(workerUpdate.subscribe, workerUpdate.waiting)
  return (
    <div role="status" className="fixed inset-x-5 bottom-24 z-40 grid justify-items-center empty:hidden">
      {waiting && (
        <div className="flex animate-rise items-center gap-3 rounded-lg border border-line bg-surface py-2 pr-2 pl-5 shadow-card">
          <p className="text-sm font-medium">
            <Trans>A new version is ready.</Trans>
          </p>
          <Button look="secondary" onClick={workerUpdate.take}>
            <Trans>Reload</Trans>
          </Button>
        </div>
      )}
    </div>
  )
}
