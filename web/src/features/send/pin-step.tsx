import { Trans, useLingui } from '@lingui/react/macro'
import { Link, useNavigate } from '@tanstack/react-router'
import { LoaderCircle, LockKeyhole } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { PinPad } from '@/components/ui/pin-pad.tsx'
import { buttonClass } from '@/components/ui/button.tsx'
import { api, take } from '@/lib/api.ts'
import { useNow } from '@/lib/clock.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import { outgoing, type Draft } from '@/lib/outgoing.ts'
import { isProblem, type ProblemError } from '@/lib/problem.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { formatCountdown } from '@/lib/countdown.ts'

const PIN_LENGTH = 6

/** Takes the PIN, turns it into a proof for exactly this transfer, and sends the transfer. */
export function PinStep({ draft }: { draft: Draft }) {
  const { t } = useLingui()
  const locale = useLocale()
  const { pin, setPin, busy, error, refusals } = usePin(draft)
  if (isLock(error)) return <Locked until={error.text('locked_until')} />
  return (
    <div className="grid gap-4 pb-2 text-center">
      <p className="text-sm text-ink3">
        <Trans>
          {formatRupiah(draft.amount, locale)} to {draft.payee_name}
        </Trans>
      </p>
      <div id="pin-message" aria-live="assertive" className="grid min-h-6 place-items-center text-sm font-medium text-loss">
        {busy ? <LoaderCircle className="size-5 animate-turn text-primary" aria-label={t`Checking`} /> : error !== null && <Refusal error={error} />}
      </div>
      <PinPad label={t`PIN, 6 digits`} pin={pin} onPin={setPin} disabled={busy} refusals={refusals} describedBy="pin-message" />
    </div>
  )
}

/** Locked before this try, or by it: the wrong PIN that locks says until when, too. */
function isLock(error: unknown): error is ProblemError {
  return isProblem(error, 'pin-locked') || (isProblem(error, 'pin-incorrect') && 'locked_until' in error.members)
}

/** Where the fault is ours or the way's, the person is told that the transfer has not begun. */
function Refusal({ error }: { error: unknown }) {
  const refused = isProblem(error) && error.status < 500
  return (
    <p>
      {problemSentence(error)} {!refused && <Trans>Nothing was sent.</Trans>}
    </p>
  )
}

function usePin(draft: Draft) {
  const navigate = useNavigate()
  const [pin, setPin] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [refusals, setRefusals] = useState(0)
  const sent = useRef(false)
  const closing = useClosing()

  const confirm = async (complete: string) => {
    if (sent.current) return
    sent.current = true
    setBusy(true)
    const closed = closing.current!.signal
    try {
      const proof = await proveThePin(draft, complete, closed)
      // Whoever closed the sheet while the PIN was checked has changed their mind.
      if (closed.aborted) return
      void outgoing.send(draft, proof)
      await navigate({ to: '/tx/$id', params: { id: draft.id }, replace: true })
    } catch (problem) {
      sent.current = false
      setError(problem)
      setPin('')
      setBusy(false)
      setRefusals((count) => count + 1)
    }
  }
  const type = (next: string) => {
    setPin(next)
    if (next.length > 0) setError(null)
    if (next.length === PIN_LENGTH) void confirm(next)
  }
  return { pin, setPin: type, busy, error, refusals }
}

/** Aborted when the step goes away. */
function useClosing() {
  const closing = useRef<AbortController>(null)
  useEffect(() => {
    const mine = new AbortController()
    closing.current = mine
    return () => mine.abort()
  }, [])
  return closing
}

function proveThePin(draft: Draft, pin: string, signal: AbortSignal) {
  const operation = { type: 'transfer' as const, id: draft.id, to_account: draft.to_account, amount: draft.amount }
  return take(api.POST('/v1/pin/proofs', { body: { pin, operation }, signal }))
}

function Locked({ until }: { until: string | null }) {
  const now = useNow()
  const left = until === null ? null : Date.parse(until) - now
  return (
    <div className="grid justify-items-center gap-2 px-4 py-8 text-center">
      <span className="mb-2 grid size-16 place-items-center rounded-full bg-loss-soft text-loss" aria-hidden="true">
        <LockKeyhole className="size-7" />
      </span>
      <p role="alert" className="text-lg font-bold">
        <Trans>Your PIN is locked</Trans>
      </p>
      {left !== null && left > 0 && <p className="money text-2xl">{formatCountdown(left)}</p>}
      <p className="max-w-80 text-sm text-ink3">
        {left === null ? <Trans>Too many wrong tries. Set a new PIN with your password.</Trans> : left > 0 ? <Trans>Too many wrong tries. It opens by itself, or set a new PIN with your password. Nothing was sent.</Trans> : <Trans>The lock is over. Close this and try again.</Trans>}
      </p>
      <Link to="/account" className={buttonClass('secondary')}>
        <Trans>Set a new PIN</Trans>
      </Link>
    </div>
  )
}
