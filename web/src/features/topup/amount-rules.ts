/** Why an amount cannot be topped up, said before anything is sent; the server decides in the end. */
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { currentLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import type { Limits, Wallet } from '@/lib/queries.ts'

export interface Refusal {
  sentence: string
  /** Worth saying while typing, and not only after a try. */
  early: boolean
}

/** What the wallet may still take in; null where nothing limits it, or it is not known yet. */
export function roomIn(wallet: Wallet | undefined, limits: Limits | undefined): number | null {
  return wallet && limits && limits.balance_max !== null ? Math.max(0, limits.balance_max - wallet.balance) : null
}

export function checkTopUp(text: string, amount: number | null, room: number | null, limits: Limits | undefined): Refusal | null {
  if (text.trim() === '') return { sentence: i18n._(msg`Enter an amount.`), early: false }
  if (amount === null) return { sentence: i18n._(msg`Enter a whole number of rupiah, without minus or fraction.`), early: true }
  const least = limits?.top_up_min_amount ?? 1
  const most = limits?.top_up_max_amount ?? Infinity
  if (amount > most) return { sentence: i18n._(msg`One top-up can be at most ${rupiah(most)}.`), early: true }
  if (room !== null && amount > room) {
    return { sentence: i18n._(msg`This would pass the most that a wallet may hold. There is room for ${rupiah(room)}.`), early: true }
  }
  // Whoever types 50.000 begins with a 5: too little is said at the end alone.
  return amount < least ? { sentence: i18n._(msg`One top-up is at least ${rupiah(least)}.`), early: false } : null
}

function rupiah(amount: number): string {
  return formatRupiah(amount, currentLocale())
}
