import { useLocale } from '@/lib/locale.ts'
import { formatRupiah, type Sign } from '@/lib/money.ts'
import { classNames } from '@/lib/class-names.ts'

/** An amount of rupiah, in the language's own grouping, never broken over two lines. */
export function Money({ amount, sign, className }: { amount: number; sign?: Sign; className?: string }) {
  const locale = useLocale()
  return <span className={classNames('money', className)}>{formatRupiah(amount, locale, sign)}</span>
}
