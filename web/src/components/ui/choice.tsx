import { classNames } from '@/lib/class-names.ts'

interface Option<T extends string> {
  value: T
  label: string
}

interface Props<T extends string> {
  label: string
  options: Option<T>[]
  value: T
  onChange: (value: T) => void
  className?: string
}

/** A few exclusive choices side by side: native radio buttons in the dress of a segmented control. */
export function Choice<T extends string>({ label, options, value, onChange, className }: Props<T>) {
  return (
    <fieldset className={classNames('flex min-w-0 rounded-md bg-sunken p-1', className)}>
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className={classNames(
            'grid min-h-11 min-w-0 grow basis-0 cursor-pointer place-items-center rounded-sm px-2 text-center text-sm font-semibold transition-colors duration-150',
            'has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus',
            option.value === value ? 'bg-surface text-ink shadow-card' : 'text-ink3 hover:text-ink',
          )}
        >
          <input
            type="radio"
            className="sr-only"
            name={label}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  )
}

/** A filter that is on or off, or a shortcut for an amount. */
export function Chip({ pressed, onClick, children }: { pressed?: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onClick}
      className={classNames(
        'money min-h-11 shrink-0 rounded-full border px-4 text-sm font-semibold transition-[background-color,transform] duration-150 active:scale-95',
        pressed ? 'border-primary bg-primary text-on-primary' : 'border-line bg-surface text-ink2 hover:border-outline',
      )}
    >
      {children}
    </button>
  )
}
