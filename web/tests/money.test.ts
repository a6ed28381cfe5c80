import { describe, expect, it } from 'vitest'
import golden from '../../tests/golden/money.json'
import { formatCompactRupiah } from '@/features/insights/compact-rupiah.ts'
import { formatRupiah, groupAccountNumber, isAccountNumber, parseRupiah } from '@/lib/money.ts'

describe('formatRupiah', () => {
  it.each(golden.rupiah)('writes $amount as the golden table has it', ({ amount, id, en }) => {
    expect(formatRupiah(amount, 'id')).toBe(id)
    expect(formatRupiah(amount, 'en')).toBe(en)
  })

  it('marks incoming money with a plus, and zero with nothing', () => {
    expect(formatRupiah(20_000, 'id', 'always')).toBe('+Rp\u00a020.000')
    expect(formatRupiah(0, 'id', 'always')).toBe('Rp\u00a00')
  })
})

describe('parseRupiah', () => {
  it.each([
    ['50000', 50_000],
    ['50.000', 50_000],
    ['1.250.000', 1_250_000],
    ['Rp 75.000', 75_000],
    ['0', 0],
  ])('takes %s', (text, amount) => {
    expect(parseRupiah(text, 'id')).toBe(amount)
  })

  it.each(['0,5', '-50000', '−50000', '1.5', '0.500', '1,000', '1e5', 'lima', '', '9'.repeat(16)])('makes no amount of %s', (text) => {
    expect(parseRupiah(text, 'id')).toBeNull()
  })

  it('groups by comma in English, and takes no point there', () => {
    expect(parseRupiah('1,250,000', 'en')).toBe(1_250_000)
    expect(parseRupiah('1.250.000', 'en')).toBeNull()
  })
})

describe('account numbers', () => {
  it.each(golden.account_numbers)('$number is shown in fours and judged by its check digit', ({ number, shown, valid }) => {
    expect(groupAccountNumber(number)).toBe(shown)
    expect(isAccountNumber(number)).toBe(valid)
  })
})

it('shortens amounts for an axis in the words of each language', () => {
  expect(formatCompactRupiah(1_250_000, 'id')).toBe('1,3 jt')
  expect(formatCompactRupiah(1_250_000, 'en')).toBe('1.3M')
  expect(formatCompactRupiah(500, 'id')).toBe('500')
})
