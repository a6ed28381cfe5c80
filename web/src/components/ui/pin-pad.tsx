import { useLingui } from '@lingui/react/macro'
import { Delete } from 'lucide-react'
import { useEffect, useId, useRef } from 'react'
import { classNames } from '@/lib/class-names.ts'

const PIN_LENGTH = 6
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '', '0', 'erase']

interface Props {
  label: string
  pin: string
  onPin: (pin: string) => void
  disabled?: boolean
  /** Changes when the PIN was refused, to shake once. */
  refusals?: number
  describedBy?: string
}

/**
 * One real input, so that keyboards, password tools and screen readers work, and
 * on-screen keys for a thumb. `inputMode="none"` keeps the phone's own keyboard
 * from covering them.
 */
export function PinPad({ label, pin, onPin, disabled = false, refusals = 0, describedBy }: Props) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (!disabled) input.current?.focus({ preventScroll: true })
  }, [disabled, refusals])

  const type = (text: string) => onPin(text.replace(/\D/g, '').slice(0, PIN_LENGTH))
  return (
    <div className="grid justify-items-center gap-6">
      <div key={refusals} className={classNames('relative', refusals > 0 && 'animate-shake')}>
        <input
          ref={input}
          id={id}
          type="password"
          inputMode="none"
          autoComplete="off"
          maxLength={PIN_LENGTH}
          value={pin}
          // Read-only and not disabled: a disabled field would drop the focus out of the sheet.
          readOnly={disabled}
          aria-disabled={disabled || undefined}
          aria-label={label}
          aria-describedby={describedBy}
          onChange={(event) => type(event.target.value)}
          className="absolute inset-0 rounded-md text-transparent caret-transparent opacity-0 focus-visible:opacity-100 bg-transparent"
        />
        <Dots filled={pin.length} />
      </div>
      <Keys disabled={disabled} onKey={(key) => type(key === 'erase' ? pin.slice(0, -1) : pin + key)} />
    </div>
  )
}

function Dots({ filled }: { filled: number }) {
  return (
    <div className="pointer-events-none flex gap-3.5 px-4 py-3" aria-hidden="true">
      {Array.from({ length: PIN_LENGTH }, (_, index) => (
        <span key={index} className={classNames('size-4 rounded-full border-2 transition-colors duration-100', index < filled ? 'border-primary bg-primary' : 'border-outline')} />
      ))}
    </div>
  )
}

function Keys({ disabled, onKey }: { disabled: boolean; onKey: (key: string) => void }) {
  const { t } = useLingui()
  return (
    <div className="grid grid-cols-3 gap-x-6 gap-y-2.5">
      {KEYS.map((key) =>
        key === '' ? (
          <span key="gap" />
        ) : (
          <button
            key={key}
            type="button"
            disabled={disabled}
            tabIndex={-1}
            aria-label={key === 'erase' ? t`Erase one digit` : key}
            onClick={() => onKey(key)}
            className="money grid size-18 place-items-center rounded-full text-xl text-ink transition-[transform,background-color] duration-100 hover:bg-sunken active:scale-95 active:bg-primary-soft disabled:opacity-40"
          >
            {key === 'erase' ? <Delete className="size-6" aria-hidden="true" /> : key}
          </button>
        ),
      )}
    </div>
  )
}
