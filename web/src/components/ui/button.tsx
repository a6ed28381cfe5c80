import { LoaderCircle } from 'lucide-react'
import type { ButtonHTMLAttributes, MouseEvent, ReactNode } from 'react'
import { classNames } from '@/lib/class-names.ts'

export type ButtonLook = 'primary' | 'secondary' | 'quiet' | 'danger'

const LOOKS: Record<ButtonLook, string> = {
  primary: 'bg-primary text-on-primary hover:bg-primary-hover',
  secondary: 'bg-primary-soft text-primary hover:brightness-95',
  quiet: 'text-primary hover:bg-primary-soft',
  danger: 'bg-loss-soft text-loss hover:brightness-95',
}

/** The look of a button, for links that act like one. */
export function buttonClass(look: ButtonLook = 'primary', size: 'md' | 'lg' = 'md'): string {
  return classNames(
    'inline-flex items-center justify-center gap-2 rounded-md px-5 text-base font-semibold select-none [&>svg]:shrink-0',
    'transition-[transform,background-color,opacity] duration-150 active:scale-[0.98]',
    'aria-disabled:opacity-50 disabled:opacity-50 disabled:active:scale-100',
    size === 'lg' ? 'min-h-13 w-full' : 'min-h-12',
    LOOKS[look],
  )
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook
  size?: 'md' | 'lg'
  busy?: boolean
  icon?: ReactNode
}

/**
 * While `busy` it keeps its size, its words and the focus, and takes no second tap:
 * a button that is disabled under somebody's finger drops the focus to the page.
 */
export function Button({ look, size, busy = false, icon, className, children, onClick, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? refuse : onClick}
      className={classNames(buttonClass(look, size), className)}
    >
      {busy ? <LoaderCircle className="size-5 animate-turn" aria-hidden="true" /> : icon}
      {children}
    </button>
  )
}

/** Also keeps Enter in a field from submitting the form a second time: that is a click on its button. */
function refuse(event: MouseEvent) {
  event.preventDefault()
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string
}

export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={classNames(
        'grid size-11 shrink-0 place-items-center rounded-full text-ink2 transition-[background-color,transform] duration-150 hover:bg-sunken active:scale-95',
        className,
      )}
    >
      {children}
    </button>
  )
}
