import { useLingui } from '@lingui/react/macro'
import { useId, type InputHTMLAttributes, type ReactNode } from 'react'
import { classNames } from '@/lib/class-names.ts'
import { useLocale, type Locale } from '@/lib/locale.ts'
import { groupDigits, parseRupiah } from '@/lib/money.ts'
import { FieldError } from './text-field.tsx'
import { useCaretKept } from './use-caret-kept.ts'

interface Props {
  label: string
  /** What is typed: grouped while it is an amount, untouched while it is not. */
  text: string
  onText: (text: string) => void
  error?: string | null | undefined
  hint?: ReactNode
  /** Whether it takes the focus when it appears. */
  first?: boolean
}

/** The amount, large; thousands are grouped while typing and the caret stays where it was. */
export function AmountField({ label, text, onText, error, hint, first }: Props) {
  const { t } = useLingui()
  const id = useId()
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1.5 block text-sm font-semibold text-ink2">
        {label}
      </label>
      <div
        className={classNames(
          'flex min-w-0 items-baseline gap-2 rounded-lg border bg-surface px-5 py-4 focus-within:outline-3 focus-within:outline-offset-2 focus-within:outline-focus',
          error ? 'border-loss' : 'border-outline',
        )}
      >
        <span className="shrink-0 text-xl text-ink3" aria-hidden="true">
          Rp
        </span>
        <GroupedInput
          id={id}
          // The amount is the one thing to do on its screen, and the step before it asked for it.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus={first}
          text={text}
          onText={onText}
          aria-invalid={error ? true : undefined}
          aria-describedby={`${id}-hint ${id}-error`}
          aria-label={t`${label}, in rupiah`}
        />
      </div>
      <div id={`${id}-hint`} className="mt-2 text-sm text-ink3">
        {hint}
      </div>
      <FieldError id={`${id}-error`} error={error} />
    </div>
  )
}

type GroupedProps = Pick<Props, 'text' | 'onText'> & InputHTMLAttributes<HTMLInputElement>

function GroupedInput({ text, onText, ...rest }: GroupedProps) {
  const locale = useLocale()
  const group = (typed: string) => regroup(typed, text, locale)
  const { input, read } = useCaretKept(text, group)
  return (
    <input
      {...rest}
      ref={input}
      inputMode="numeric"
      autoComplete="off"
      placeholder="0"
      value={text}
      onChange={(event) => onText(group(read(event)))}
      className="money w-full min-w-0 bg-transparent text-balance text-ink outline-none placeholder:text-ink3"
    />
  )
}

/**
 * Groups what is typed. A separator that the person typed is left alone until the
 * whole is an amount, so that `0,5` never turns into 5 behind their back.
 */
export function regroup(next: string, previous: string, locale: Locale): string {
  const separator = locale === 'id' ? '.' : ','
  const count = (text: string) => text.split(separator).length
  const onlyOurs = [...next].every((sign) => /\d/.test(sign) || sign === separator)
  const wasAmount = previous === '' || parseRupiah(previous, locale) !== null
  const candidate = onlyOurs && wasAmount && count(next) <= count(previous) ? next.replaceAll(separator, '') : next
  const amount = parseRupiah(candidate, locale)
  return amount === null ? next : groupDigits(String(amount), locale)
}
