/** What a scanned or pasted text is. Nothing of it is believed: the server's name check decides. */
import { parsePayload, type MerchantPayload } from '@/lib/emv.ts'
import { isAccountNumber } from '@/lib/money.ts'

export type Reading =
  | { kind: 'account'; account: string; amount: number | undefined }
  | { kind: 'topup'; token: string }
  | { kind: 'foreign'; payload: MerchantPayload }
  | { kind: 'damaged' }
  | { kind: 'unknown' }

export function readText(text: string): Reading {
  const trimmed = text.trim()
  const token = payToken(trimmed)
  if (token !== null) return { kind: 'topup', token }
  const digits = trimmed.replace(/\s/g, '')
  if (isAccountNumber(digits)) return { kind: 'account', account: digits, amount: undefined }
  const payload = parsePayload(trimmed)
  if (payload === 'damaged') return { kind: 'damaged' }
  if (payload === null) return { kind: 'unknown' }
  if (payload.account === null) return { kind: 'foreign', payload }
  if (!isAccountNumber(payload.account)) return { kind: 'damaged' }
  return { kind: 'account', account: payload.account, amount: wholeAmount(payload.amount) }
}

/** Only the token of a payment address is taken, and opened on our own site, whatever site the code names. */
function payToken(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null
  return /^\/pay\/([A-Za-z0-9._~-]{16,200})$/.exec(new URL(text).pathname)?.[1] ?? null
}

function wholeAmount(amount: string | null): number | undefined {
  return amount !== null && /^[1-9]\d{0,14}$/.test(amount) ? Number(amount) : undefined
}
