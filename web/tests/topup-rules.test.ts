/** What is said of a top-up's amount before anything is sent, and how long it is watched. */
import { beforeEach, expect, it } from 'vitest'
import { checkTopUp, roomIn } from '@/features/topup/amount-rules.ts'
import { topUpQuery } from '@/features/topup/topups.ts'
import { wantCatalog } from '@/lib/locale.ts'
import type { Limits, Wallet } from '@/lib/queries.ts'

const LIMITS = { balance_max: 20_000_000, top_up_min_amount: 10_000, top_up_max_amount: 10_000_000 } as Limits
const WALLET = { balance: 15_000_000 } as Wallet
beforeEach(() => wantCatalog('topup'))

const check = (amount: number | null, room: number | null = null) => checkTopUp(String(amount ?? 'x'), amount, room, LIMITS)

it.each([10_000, 500_000, 10_000_000])('lets %i pass', (amount) => {
  expect(check(amount)).toBeNull()
})

it('says that it is too much while it is typed, and too little at the end', () => {
  expect(check(10_000_001)).toEqual({ sentence: 'Sekali isi paling banyak Rp\u00a010.000.000.', early: true })
  expect(check(9_999)).toEqual({ sentence: 'Sekali isi paling sedikit Rp\u00a010.000.', early: false })
  expect(check(0)?.early).toBe(false)
})

it('says how much room the wallet has', () => {
  const room = roomIn(WALLET, LIMITS)
  expect(room).toBe(5_000_000)
  expect(check(5_000_001, room)?.sentence).toContain('Rp\u00a05.000.000')
  expect(check(5_000_000, room)).toBeNull()
})

it('knows no room before it has heard of the wallet, or where there is no limit', () => {
  expect(roomIn(undefined, LIMITS)).toBeNull()
  expect(roomIn(WALLET, { ...LIMITS, balance_max: null })).toBeNull()
  expect(roomIn({ balance: 21_000_000 } as Wallet, LIMITS)).toBe(0)
})

it('takes no text for an amount, and asks for one where there is none', () => {
  expect(check(null)?.early).toBe(true)
  expect(checkTopUp('', null, null, LIMITS)).toEqual({ sentence: 'Masukkan jumlahnya.', early: false })
})

it.each([
  [undefined, false],
  [{ status: 'pending' }, 1_000],
  [{ status: 'paid' }, 1_000],
  [{ status: 'settled' }, false],
])('asks again only for a top-up that waits (%o)', (data, pause) => {
  const { refetchInterval } = topUpQuery('id')
  expect((refetchInterval as (query: unknown) => unknown)({ state: { data } })).toBe(pause)
})
