import { useLingui } from '@lingui/react/macro'
import { X } from 'lucide-react'
import { useId, useLayoutEffect, useRef, type MouseEvent, type ReactNode } from 'react'
import { IconButton } from './button.tsx'

/** The second tap of a double tap must not fall on what has just opened under the thumb. */
const DEAF_MS = 350

interface Props {
  title: string
  open: boolean
  onClose: () => void
  children: ReactNode
}

/** A native dialog: from the bottom on a phone, in the middle on a desk. Escape and a tap outside close it. */
export function Sheet({ title, open, onClose, children }: Props) {
  const id = useId()
  const { dialog, swallowDoubleTap } = useDialog(open)
  return (
    // A tap on the backdrop is a convenience; the keyboard has Escape and the button.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClickCapture={swallowDoubleTap}
      onClick={(event) => event.target === dialog.current && onClose()}
      className="m-0 mx-auto mt-auto w-full max-w-120 rounded-t-xl bg-surface p-0 text-ink shadow-sheet open:animate-rise sm:mb-auto sm:rounded-xl"
    >
      {open && (
        <div className="max-h-[92dvh] overflow-y-auto px-5 pt-3 pb-[max(1.5rem,env(safe-area-inset-bottom))]">
          <Head id={id} title={title} onClose={onClose} />
          {children}
        </div>
      )}
    </dialog>
  )
}

function useDialog(open: boolean) {
  const dialog = useRef<HTMLDialogElement>(null)
  const openedAt = useRef(0)
  useLayoutEffect(() => {
    if (!open) return dialog.current?.close()
    openedAt.current = performance.now()
    dialog.current?.showModal()
    // The browser would choose the close button, which is nobody's first wish.
    dialog.current?.querySelector<HTMLElement>('input:not([type="radio"]), select, textarea')?.focus()
  }, [open])
  const swallowDoubleTap = (event: MouseEvent) => {
    const byPointer = event.detail > 0
    if (byPointer && performance.now() - openedAt.current < DEAF_MS) event.stopPropagation()
  }
  return { dialog, swallowDoubleTap }
}

function Head({ id, title, onClose }: { id: string; title: string; onClose: () => void }) {
  const { t } = useLingui()
  return (
    <div className="mb-2 flex items-center justify-between gap-3">
      <h2 id={id} className="text-lg font-bold">
        {title}
      </h2>
      <IconButton label={t`Close`} onClick={onClose} className="-mr-2">
        <X className="size-5" />
      </IconButton>
    </div>
  )
}
