/** Amounts in words, as a receipt has them: terbilang in Indonesian, and in English. */
import type { Locale } from './locale.ts'

const ID_UNITS = ['', 'satu', 'dua', 'tiga', 'empat', 'lima', 'enam', 'tujuh', 'delapan', 'sembilan', 'sepuluh', 'sebelas']
const EN_UNITS = [
  '', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen',
  'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen',
]
const EN_TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']
const SCALES: [number, string, string][] = [
  [1e12, 'triliun', 'trillion'],
  [1e9, 'miliar', 'billion'],
  [1e6, 'juta', 'million'],
  [1e3, 'ribu', 'thousand'],
]

/** `amount` is a whole number of rupiah from 0 to 999 trillion. */
export function amountInWords(amount: number, locale: Locale): string {
  const words = locale === 'id' ? indonesian(amount) || 'nol' : english(amount) || 'zero'
  return `${words} rupiah`
}

function indonesian(n: number): string {
  if (n < 12) return ID_UNITS[n]!
  if (n < 20) return `${ID_UNITS[n - 10]} belas`
  if (n < 100) return join(`${ID_UNITS[Math.floor(n / 10)]} puluh`, ID_UNITS[n % 10]!)
  if (n < 200) return join('seratus', indonesian(n - 100))
  if (n < 1000) return join(`${ID_UNITS[Math.floor(n / 100)]} ratus`, indonesian(n % 100))
  if (n < 2000) return join('seribu', indonesian(n - 1000))
  const [size, word] = scaleOf(n)
  return join(`${indonesian(Math.floor(n / size))} ${word}`, indonesian(n % size))
}

function english(n: number): string {
  if (n < 20) return EN_UNITS[n]!
  if (n < 100) return [EN_TENS[Math.floor(n / 10)], EN_UNITS[n % 10]].filter(Boolean).join('-')
  if (n < 1000) return join(`${EN_UNITS[Math.floor(n / 100)]} hundred`, english(n % 100))
  const [size, , word] = scaleOf(n)
  return join(`${english(Math.floor(n / size))} ${word}`, english(n % size))
}

function scaleOf(n: number): [number, string, string] {
  return SCALES.find(([size]) => n >= size)!
}

function join(head: string, tail: string): string {
  return tail ? `${head} ${tail}` : head
}
