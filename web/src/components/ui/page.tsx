import { useLingui } from '@lingui/react/macro'
import { useCanGoBack, useRouter } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { useEffect, useRef, type ReactNode, type RefObject } from 'react'
import { classNames } from '@/lib/class-names.ts'
import { IconButton } from './button.tsx'
import { useFocusKept } from './use-focus-kept.ts'

let firstPage = true

/** The whole screen of a phone, its buttons within the thumb's reach; on a desk a sheet of paper that is as long as its text. */
const FLOW = classNames(
  'flex max-w-130 grow flex-col pb-[max(1.25rem,env(safe-area-inset-bottom))]',
  'rail:my-10 rail:grow-0 rail:rounded-xl rail:border rail:border-line rail:bg-canvas rail:px-8 rail:pt-3 rail:pb-8 rail:shadow-card',
)

interface Props {
  title: string
  /** Where Back leads when the page was opened directly. */
  backTo?: string
  actions?: ReactNode
  children: ReactNode
  /** `flow` is a full screen of its own, narrow and without the tabs. */
  kind?: 'tab' | 'flow'
  /** The title is for the window and screen readers alone. */
  titleHidden?: boolean
}

/** A screen: its title is the window's, its one h1, and where the focus lands when it opens. */
export function Page({ title, backTo, actions, children, kind = 'tab', titleHidden = false }: Props) {
  const main = useRef<HTMLElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  useFocusKept(main, heading)
  useFocusOnArrival(heading)
  return (
    <main ref={main} id="main" className={classNames('mx-auto w-full min-w-0 px-5', kind === 'tab' ? 'max-w-256 pb-28 rail:pb-12' : FLOW)}>
      <title>{`${title} · E-Wallet Lite`}</title>
      <header className={classNames('flex min-h-16 items-center gap-1 pt-2', titleHidden && !backTo && !actions && 'sr-only')}>
        {backTo && <BackButton to={backTo} />}
        <h1 ref={heading} tabIndex={-1} className={classNames('min-w-0 grow', titleHidden ? 'sr-only' : backTo ? 'text-lg font-bold' : 'text-xl')}>
          {title}
        </h1>
        {actions}
      </header>
      {children}
    </main>
  )
}

/** The focus lands on the heading of a screen that follows another; the first one is read from its start. */
export function useFocusOnArrival(heading: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const already = document.activeElement
    if (!firstPage && (already === null || already === document.body)) heading.current?.focus({ preventScroll: true })
    firstPage = false
  }, [heading])
}

/** One step back; the given page when there is nothing to go back to. */
function BackButton({ to }: { to: string }) {
  const { t } = useLingui()
  const router = useRouter()
  const canGoBack = useCanGoBack()
  return (
    <IconButton
      label={t`Back`}
      className="-ml-3"
      onClick={() => (canGoBack ? router.history.back() : void router.navigate({ to, replace: true }))}
    >
      <ArrowLeft className="size-5.5" />
    </IconButton>
  )
}

/** A surface for a group of things. */
export function Card({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={classNames('min-w-0 rounded-lg border border-line bg-surface', className)}>{children}</div>
}

export function SectionTitle({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="mt-7 mb-2 flex min-h-11 items-center justify-between gap-3">
      <h2 className="text-lg font-bold">{children}</h2>
      {action}
    </div>
  )
}
