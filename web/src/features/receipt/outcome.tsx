import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Clock3, Hourglass, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { buttonClass } from '@/components/ui/button.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import { useOnline } from '@/lib/online.ts'
import { isUnproven, type Outgoing } from '@/lib/outgoing.ts'
import { ProblemError } from '@/lib/problem.ts'
import { problemSentence } from '@/lib/problem-words.ts'

interface FrameProps {
  icon: ReactNode
  look: string
  title: ReactNode
  record: Outgoing
  children: ReactNode
  actions: ReactNode
}

function Frame({ icon, look, title, record, children, actions }: FrameProps) {
  const locale = useLocale()
  return (
    <div className="flex grow flex-col">
      <div role="status" className="grid justify-items-center gap-1 pt-10 text-center">
        <span className={`mb-4 grid size-20 animate-pop place-items-center rounded-full ${look} [&>svg]:size-9`} aria-hidden="true">
          {icon}
        </span>
        <h2 className="text-xl">{title}</h2>
        <p className="money mt-2 text-2xl">{formatRupiah(record.amount, locale)}</p>
        <p className="text-ink3">
          <Trans>to {record.payee_name}</Trans>
        </p>
        <div className="mt-6 w-full text-left">{children}</div>
      </div>
      <div className="mt-auto grid gap-3 pt-8">{actions}</div>
    </div>
  )
}

/** Sent, and no answer yet. It says so, and goes on asking with the same id; it never invites to pay anew. */
export function OpenTransfer({ record }: { record: Outgoing }) {
  const online = useOnline()
  const unproven = isUnproven(record)
  return (
    <Frame
      icon={record.state === 'sending' ? <Hourglass /> : <Clock3 />}
      look="bg-warn-soft text-warn"
      title={record.state === 'sending' ? <Trans>Sending…</Trans> : <Trans>Being processed</Trans>}
      record={record}
      actions={
        <>
          {unproven && <PinAgainLink record={record} look="secondary" />}
          <HomeLink />
        </>
      }
    >
      {record.state === 'unknown' && (
        <Notice tone="warn">
          {!online ? (
            <Trans>You are offline, so we cannot know yet. We ask again as soon as you are back, under the same reference. It will be paid once at most.</Trans>
          ) : unproven ? (
            <Trans>It has not reached our books so far, and it still may. Wait here, or enter your PIN again: it keeps its reference and will be paid once at most.</Trans>
          ) : (
            <Trans>The answer has not arrived yet, so we keep asking under the same reference. It will be paid once at most: do not send it again. You can leave this page.</Trans>
          )}
        </Notice>
      )}
    </Frame>
  )
}

/** Refused: nothing has moved, and the reason is said. */
export function FailedTransfer({ record }: { record: Outgoing }) {
  const problem = new ProblemError(422, { ...record.problem?.members, type: `/problems/${record.problem?.slug ?? 'internal'}` }, new Headers())
  return (
    <Frame
      icon={<X />}
      look="bg-loss-soft text-loss"
      title={<Trans>Failed</Trans>}
      record={record}
      actions={
        <>
          <Link to="/send" search={{ to: record.to_account, amount: record.amount, note: record.note || undefined }} className={buttonClass('primary', 'lg')}>
            <Trans>Change and try again</Trans>
          </Link>
          <HomeLink />
        </>
      }
    >
      <Notice tone="loss">
        {problemSentence(problem)} <Trans>No money has moved.</Trans>
      </Notice>
    </Frame>
  )
}

/** The request never arrived, and its PIN proof has ended: the same transfer, asked for once more. */
export function UnsentTransfer({ record }: { record: Outgoing }) {
  return (
    <Frame
      icon={<X />}
      look="bg-loss-soft text-loss"
      title={<Trans>Not sent</Trans>}
      record={record}
      actions={
        <>
          <PinAgainLink record={record} look="primary" />
          <HomeLink />
        </>
      }
    >
      <Notice tone="info">
        <Trans>The connection broke before your transfer reached us. No money has moved.</Trans>
      </Notice>
    </Frame>
  )
}

/** Back to the review under the same id, whose money can move only once. */
function PinAgainLink({ record, look }: { record: Outgoing; look: 'primary' | 'secondary' }) {
  const search = { id: record.id, to: record.to_account, amount: record.amount, note: record.note || undefined }
  return (
    <Link to="/send/review" search={search} className={buttonClass(look, 'lg')}>
      <Trans>Enter the PIN again</Trans>
    </Link>
  )
}

function HomeLink() {
  return (
    <Link to="/home" className={buttonClass('secondary', 'lg')}>
      <Trans>Back to home</Trans>
    </Link>
  )
}
