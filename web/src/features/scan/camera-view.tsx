import { Trans, useLingui } from '@lingui/react/macro'
import { CameraOff } from 'lucide-react'
import { useCallback } from 'react'
import { EmptyState } from '@/components/ui/states.tsx'
import { useCamera } from './use-camera.ts'

/** The camera's picture with a frame to aim by; where there is none, it says why and what else works. */
export function CameraView({ onCode, paused }: { onCode: (text: string) => void; paused: boolean }) {
  const { t } = useLingui()
  const see = useCallback((text: string) => !paused && onCode(text), [onCode, paused])
  const [video, state] = useCamera(see)
  const off = state === 'denied' || state === 'missing'
  return (
    <div className="relative mt-2 aspect-square w-full overflow-hidden rounded-xl bg-sunken">
      <video ref={video} muted playsInline aria-label={t`Camera picture`} className={off ? 'hidden' : 'size-full object-cover'} />
      {!off && (
        <div className="pointer-events-none absolute inset-[14%]" aria-hidden="true">
          <Corner className="top-0 left-0" />
          <Corner className="top-0 right-0 rotate-90" />
          <Corner className="right-0 bottom-0 rotate-180" />
          <Corner className="bottom-0 left-0 -rotate-90" />
        </div>
      )}
      {off && (
        <div className="grid size-full place-items-center">
          <EmptyState icon={<CameraOff />} title={state === 'denied' ? <Trans>The camera is not allowed</Trans> : <Trans>No camera here</Trans>}>
            {state === 'denied' ? (
              <Trans>Allow it in the browser's settings, or use a picture or paste the code.</Trans>
            ) : (
              <Trans>Use a picture of the code, or paste it.</Trans>
            )}
          </EmptyState>
        </div>
      )}
    </div>
  )
}

function Corner({ className }: { className: string }) {
  return (
    <svg viewBox="0 0 40 40" className={`absolute size-11 ${className}`} fill="none" stroke="#fff" strokeWidth="4" strokeLinecap="round">
      <path d="M3 30V13A10 10 0 0 1 13 3h17" />
    </svg>
  )
}
