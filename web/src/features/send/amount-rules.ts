/** Why an amount cannot be sent, said before anything is sent; the server decides in the end. */
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

export function checkAmount(text: string, amount: number | null, wallet: Wallet | undefined, limits: Limits | undefined): Refusal | null {
  if (text.trim() === '') return late(i18n._(msg`Enter an amount.`))
  if (amount === null) return early(i18n._(msg`Enter a whole number of rupiah, without minus or fraction.`))
  if (amount === 0) return late(i18n._(msg`The amount must be at least Rp 1.`))
  if (wallet && wallet.status !== 'active') return early(i18n._(msg`Your account cannot send money right now.`))
  if (wallet && amount > wallet.balance) {
    const short = rupiah(amount - wallet.balance)
    return early(i18n._(msg`Your balance is ${short} short. Top up first, or send less.`))
  }
  return limits ? checkLimits(amount, limits) : null
}

function checkLimits(amount: number, limits: Limits): Refusal | null {
  if (limits.per_transfer_amount !== null && amount > limits.per_transfer_amount) {
    const most = rupiah(limits.per_transfer_amount)
    return early(i18n._(msg`One transfer can be at most ${most}.`))
  }
  const leftAmount = leftToday(limits)
  if (leftAmount === null || amount <= leftAmount) return null
  const left = rupiah(leftAmount)
  return early(i18n._(msg`You can still send ${left} today. The limit starts anew at midnight WIB.`))
}

/** What may still leave today; null where there is no limit. */
export function leftToday(limits: Limits): number | null {
  return limits.daily_out_amount === null ? null : Math.max(0, limits.daily_out_amount - limits.daily_out_used_amount)
}

function early(sentence: string): Refusal {
  return { sentence, early: true }
}

function late(sentence: string): Refusal {
  return { sentence, early: false }
}

function rupiah(amount: number): string {
  return formatRupiah(amount, currentLocale())
}
