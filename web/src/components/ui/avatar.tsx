import { classNames } from '@/lib/class-names.ts'

const TINTS = [
  'bg-primary-soft text-primary',
  'bg-soga-soft text-soga-ink',
  'bg-gain-soft text-gain',
  'bg-warn-soft text-warn',
]

/** Initials on a quiet tint that stays the same for the same person. */
export function Avatar({ name, seed = name, size = 'md' }: { name: string; seed?: string; size?: 'sm' | 'md' | 'lg' }) {
  const sum = [...seed].reduce((total, sign) => total + sign.charCodeAt(0), 0)
  return (
    <span
      aria-hidden="true"
      className={classNames(
        'grid shrink-0 place-items-center rounded-full font-bold',
        size === 'sm' && 'size-9 text-xs',
        size === 'md' && 'size-11 text-sm',
        size === 'lg' && 'size-16 text-lg',
        TINTS[sum % TINTS.length],
      )}
    >
      {initials(name)}
    </span>
  )
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => word?.[0] ?? '')
  return letters.join('').toUpperCase()
}
