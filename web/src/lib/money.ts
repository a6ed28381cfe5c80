/** Rupiah on screen and from the keyboard; held to tests/golden/money.json. */
import type { Locale } from './locale.ts'

export const MINUS = '\u2212'
const NO_BREAK_SPACE = '\u00a0'

export type Sign = 'negative' | 'always'

/** `Rp 1.250.000` in Indonesian, `Rp 1,250,000` in English; a whole number of rupiah. */
export function formatRupiah(amount: number, locale: Locale, sign: Sign = 'negative'): string {
  const mark = amount < 0 ? MINUS : sign === 'always' && amount > 0 ? '+' : ''
  return `${mark}Rp${NO_BREAK_SPACE}${groupDigits(String(Math.abs(amount)), locale)}`
}

export function groupDigits(digits: string, locale: Locale): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, locale === 'id' ? '.' : ',')
}

/** The largest number of digits typed into an amount: a quadrillion is past every limit. */
const DIGITS_MAX = 15

/**
 * The whole rupiah that a person typed, or null. `0,5`, `-50000` and words are
 * not amounts, and nothing is guessed from them: a fraction must never become
 * ten times itself because a comma was dropped.
 */
export function parseRupiah(text: string, locale: Locale): number | null {
  const separator = locale === 'id' ? '.' : ','
  const trimmed = text.replace(/^\s*rp\.?/i, '').replace(/[\s\u00a0]/g, '')
  const groups = trimmed.split(separator)
  const grouped = /^[1-9]\d{0,2}$/.test(groups[0]!) && groups.slice(1).every((group) => /^\d{3}$/.test(group))
  const digits = groups.length > 1 && grouped ? groups.join('') : trimmed
  return /^\d+$/.test(digits) && digits.length <= DIGITS_MAX ? Number(digits) : null
}

/** `5761 7467 6424`: account numbers are read in fours and copied without spaces. */
export function groupAccountNumber(number: string): string {
  return number.replace(/(\d{4})(?=\d)/g, '$1 ')
}

/** Whether twelve digits pass the Luhn check that every account number carries. */
export function isAccountNumber(digits: string): boolean {
  if (!/^[1-9]\d{11}$/.test(digits)) return false
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
