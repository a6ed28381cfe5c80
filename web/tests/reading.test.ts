import { expect, it } from 'vitest'
import { readText } from '@/features/scan/reading.ts'
import { buildPayload, checksum } from '@/lib/emv.ts'

const ACCOUNT = '576174676428'

it('leads a code of ours to its account, with the amount it asks for', () => {
  expect(readText(buildPayload(ACCOUNT, 'Dewi', 25_000))).toEqual({ kind: 'account', account: ACCOUNT, amount: 25_000 })
})

it('takes a plain account number, spaces or not', () => {
  expect(readText('5761 7467 6428')).toMatchObject({ kind: 'account', account: ACCOUNT })
})

it('takes the token alone from the address of a top-up, whatever site it names', () => {
  expect(readText('https://elsewhere.test/pay/p1.AaIEAufGeOy-XVQ05k7f')).toEqual({ kind: 'topup', token: 'p1.AaIEAufGeOy-XVQ05k7f' })
  expect(readText('https://elsewhere.test/pay/../login?p1.AaIEAufGeOy')).toEqual({ kind: 'unknown' })
})

it("shows another network's code for what it says, and never takes its account", () => {
  const body = '00020101021126360014ID.CO.QRIS.WWW0114936000010000015204581453033605405500005802ID5911Warung Sari6007Jakarta6304'
  expect(readText(body + checksum(body))).toMatchObject({ kind: 'foreign', payload: { merchant: 'Warung Sari', city: 'Jakarta', amount: '50000' } })
})

it('calls a code of ours damaged whose account number fails its check digit', () => {
  expect(readText(buildPayload('576174676427', 'Dewi'))).toEqual({ kind: 'damaged' })
})

it.each(['-5', '0', '0.5', '1e9'])('drops the amount %s, which is none', (amount) => {
  const body = `0002010102122652${'0032'}6f1c0a5e8b7d4f2e9c3a5d7e1b2f4a6c0112${ACCOUNT}5303360540${amount.length}${amount}5802ID6304`
  expect(readText(body + checksum(body))).toMatchObject({ kind: 'account', amount: undefined })
})
