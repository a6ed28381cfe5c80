/** The title and the lines of a receipt, the same on the screen and in the image. */
import { useLingui } from '@lingui/react/macro'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah, groupAccountNumber } from '@/lib/money.ts'
import type { Receipt } from '@/lib/queries.ts'
import { formatTime } from '@/lib/time.ts'

export interface Line {
  key: string
  name: string
  value: string
  detail?: string
  copy?: string
  /** The id of the transfer that it names. */
  transfer?: string
  /** Stays on the screen: a picture goes to others. */
  mine?: boolean
}

export function useReceiptTitle(transfer: Receipt): string {
  const { t } = useLingui()
  if (transfer.reversed_by_id !== null) return t`Returned`
  return transfer.kind === 'reversal' ? t`Reversal` : t`Successful`
}

export function useReceiptLines(transfer: Receipt, incoming: boolean, myName: string | undefined): Line[] {
  const { t } = useLingui()
  const locale = useLocale()
  const mine = myName ?? t`You`
  const other = transfer.counterparty_name || (transfer.kind === 'topup' ? t`Top-up by QR` : t`Bank`)
  const lines: Line[] = [
    party('from', t`From`, incoming ? other : mine, transfer.from_account),
    party('to', t`To`, incoming ? mine : other, transfer.to_account),
    ...(transfer.note ? [{ key: 'note', name: t`Note`, value: transfer.note }] : []),
    { key: 'time', name: t`Time`, value: `${formatTime(transfer.posted_at, 'seconds', locale)} WIB` },
    { key: 'balance', name: t`Balance after`, value: formatRupiah(transfer.balance_after, locale), mine: true },
    ...related('reverses', t`Returns the transfer`, transfer.reverses_id),
    ...related('reversed', t`Returned by`, transfer.reversed_by_id),
    { key: 'reference', name: t`Reference`, value: transfer.id, copy: transfer.id },
  ]
  return lines
}

function related(key: string, name: string, id: string | null): Line[] {
  return id === null ? [] : [{ key, name, value: id, transfer: id }]
}

function party(key: string, name: string, value: string, account: string | null): Line {
  return account === null ? { key, name, value } : { key, name, value, detail: groupAccountNumber(account) }
}
