import { useId, type ReactNode } from 'react'
import { classNames } from '@/lib/class-names.ts'

interface Props {
  label: ReactNode
  hint?: ReactNode
  checked: boolean
  disabled?: boolean
  onChange: (checked: boolean) => void
}

/** Something that is on or off at once: a native checkbox that is read out as a switch. */
export function Switch({ label, hint, checked, disabled = false, onChange }: Props) {
  const id = useId()
  return (
    <label className={classNames('flex min-h-14 items-center gap-4 px-4 py-2.5', disabled ? 'cursor-not-allowed' : 'cursor-pointer')}>
      <span className="min-w-0 grow">
        <span id={`${id}-label`} className="block font-medium">
          {label}
        </span>
        {hint && (
          <span id={`${id}-hint`} className="block text-sm text-ink3">
            {hint}
          </span>
        )}
      </span>
      <input
        type="checkbox"
        role="switch"
        className="peer sr-only"
        checked={checked}
        disabled={disabled}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span
        aria-hidden="true"
        className={classNames(
          'grid h-8 w-13 shrink-0 items-center rounded-full border-2 p-0.5 transition-colors duration-150',
          'peer-focus-visible:outline-3 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-focus peer-disabled:opacity-50',
          checked ? 'border-primary bg-primary' : 'border-outline bg-sunken',
        )}
      >
        <span className={classNames('size-6 rounded-full transition-transform duration-150', checked ? 'translate-x-5 bg-on-primary' : 'bg-outline')} />
      </span>
    </label>
  )
}
