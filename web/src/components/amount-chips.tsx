import { useLocale } from '@/lib/locale.ts'
import { groupDigits } from '@/lib/money.ts'
import { Chip } from './ui/choice.tsx'

interface Props {
  amounts: readonly number[]
  /** The amount that stands in the field now. */
  amount: number | null
  onPick: (text: string) => void
}

/** Amounts that are often wanted; a tap writes one into the field. */
export function AmountChips({ amounts, amount, onPick }: Props) {
  const locale = useLocale()
  return (
    <div className="-mx-5 flex gap-2 overflow-x-auto px-5 py-1 rail:mx-0 rail:flex-wrap rail:overflow-visible rail:px-0">
      {amounts.map((chip) => (
        <Chip key={chip} pressed={amount === chip} onClick={() => onPick(groupDigits(String(chip), locale))}>
          {groupDigits(String(chip), locale)}
        </Chip>
      ))}
    </div>
  )
}
