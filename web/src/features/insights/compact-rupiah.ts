import type { Locale } from '@/lib/locale.ts'
import { MINUS } from '@/lib/money.ts'

/** `1.25 jt` for an axis, where a full amount has no room; never for a balance. */
export function formatCompactRupiah(amount: number, locale: Locale): string {
  const units: [number, string][] =
    locale === 'id' ? [[1e9, ' m'], [1e6, ' jt'], [1e3, ' rb']] : [[1e9, 'B'], [1e6, 'M'], [1e3, 'K']]
  const size = Math.abs(amount)
  const [divisor, unit] = units.find(([least]) => size >= least) ?? [1, '']
  const rounded = String(Math.round((size / divisor) * 10) / 10)
  return `${amount < 0 ? MINUS : ''}${locale === 'id' ? rounded.replace('.', ',') : rounded}${unit}`
}
