import { CircleAlert } from 'lucide-react'
import { useId, type InputHTMLAttributes, type ReactNode, type Ref } from 'react'
import { classNames } from '@/lib/class-names.ts'

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string
  hint?: ReactNode
  error?: string | null | undefined
  /** Stands inside the field, at its end. */
  after?: ReactNode
  ref?: Ref<HTMLInputElement>
}

/** A labelled input; its hint and its error are read out with it. */
export function TextField({ label, hint, error, after, className, ...input }: Props) {
  const id = useId()
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div className={classNames('min-w-0', className)}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-semibold text-ink2">
        {label}
      </label>
      <div className="relative">
        <input
          {...input}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={described || undefined}
          className={classNames(
            'block min-h-12 w-full min-w-0 rounded-md border bg-surface px-4 text-base text-ink placeholder:text-ink3',
            error ? 'border-loss' : 'border-outline',
            Boolean(after) && 'pr-13',
          )}
        />
        {after && <div className="absolute inset-y-0 right-1 grid place-items-center">{after}</div>}
      </div>
      {hint && (
        <p id={`${id}-hint`} className="mt-1.5 text-sm text-ink3">
          {hint}
        </p>
      )}
      <FieldError id={`${id}-error`} error={error} />
    </div>
  )
}

export function FieldError({ id, error }: { id?: string; error: string | null | undefined }) {
  return (
    <p id={id} role="alert" className={error ? 'mt-1.5 flex gap-1.5 text-sm font-medium text-loss' : 'sr-only'}>
      {error && <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />}
      {error && <span>{error}</span>}
    </p>
  )
}
