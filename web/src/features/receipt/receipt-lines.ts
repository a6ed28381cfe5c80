/** The lines of a receipt, the same on the screen and in the image. */
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
    { key: 'balance', name: t`Balance after`, value: formatRupiah(transfer.balance_after, locale) },
    { key: 'reference', name: t`Reference`, value: transfer.id, copy: transfer.id },
  ]
  return lines
}

function party(key: string, name: string, value: string, account: string | null): Line {
  return account === null ? { key, name, value } : { key, name, value, detail: groupAccountNumber(account) }
}
