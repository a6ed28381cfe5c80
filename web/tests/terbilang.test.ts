import { expect, it } from 'vitest'
import { amountInWords } from '@/lib/terbilang.ts'

it.each([
  [0, 'nol rupiah', 'zero rupiah'],
  [11, 'sebelas rupiah', 'eleven rupiah'],
  [19, 'sembilan belas rupiah', 'nineteen rupiah'],
  [100, 'seratus rupiah', 'one hundred rupiah'],
  [115, 'seratus lima belas rupiah', 'one hundred fifteen rupiah'],
  [1_000, 'seribu rupiah', 'one thousand rupiah'],
  [1_999, 'seribu sembilan ratus sembilan puluh sembilan rupiah', 'one thousand nine hundred ninety-nine rupiah'],
  [2_001, 'dua ribu satu rupiah', 'two thousand one rupiah'],
  [11_000, 'sebelas ribu rupiah', 'eleven thousand rupiah'],
  [101_000, 'seratus satu ribu rupiah', 'one hundred one thousand rupiah'],
  [1_000_000, 'satu juta rupiah', 'one million rupiah'],
  [1_250_000, 'satu juta dua ratus lima puluh ribu rupiah', 'one million two hundred fifty thousand rupiah'],
  [2_000_000_021, 'dua miliar dua puluh satu rupiah', 'two billion twenty-one rupiah'],
])('says %i in both languages', (amount, id, en) => {
  expect(amountInWords(amount, 'id')).toBe(id)
  expect(amountInWords(amount, 'en')).toBe(en)
})
