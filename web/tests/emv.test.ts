import { describe, expect, it } from 'vitest'
import { buildPayload, checksum, OUR_IDENTIFIER, parsePayload } from '@/lib/emv.ts'

/** The example of EMVCo's QRCPS-MPM specification, annex A; its lengths count characters, its CRC bytes. */
const EMVCO_EXAMPLE =
  '00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A'
const ACCOUNT = '576174676428'

describe('checksum', () => {
  it('is 29B1 for 123456789, the check value of CRC-16/CCITT-FALSE', () => {
    expect(checksum('123456789')).toBe('29B1')
  })

  it('is FFFF for nothing', () => {
    expect(checksum('')).toBe('FFFF')
  })
})

describe('parsePayload', () => {
  it("reads the specification's own example as somebody else's code", () => {
    expect(parsePayload(EMVCO_EXAMPLE)).toEqual({ account: null, merchant: 'BEST TRANSPORT', city: 'BEIJING', amount: '23.72' })
  })

  it('reads back what it builds, with and without an amount', () => {
    expect(parsePayload(buildPayload(ACCOUNT, 'Dewi Lestari'))).toMatchObject({ account: ACCOUNT, merchant: 'Dewi Lestari', amount: null })
    expect(parsePayload(buildPayload(ACCOUNT, 'Dewi Lestari', 50_000))).toMatchObject({ account: ACCOUNT, amount: '50000' })
  })

  it('reads a code whose check sum is itself 6304', () => {
    const payload = buildPayload(ACCOUNT, 'Dewi', 60_436)
    expect(payload).toMatch(/63046304$/)
    expect(parsePayload(payload)).toMatchObject({ account: ACCOUNT, amount: '60436' })
  })

  it.each([
    ['one digit changed', (text: string) => text.replace(ACCOUNT, '576174676427')],
    ['the end cut off', (text: string) => text.slice(0, -3)],
    ['text behind the end', (text: string) => `${text}00`],
    ['the checksum replaced', (text: string) => `${text.slice(0, -4)}0000`],
  ])('calls a code damaged that has %s', (_, change) => {
    expect(parsePayload(change(buildPayload(ACCOUNT, 'Dewi')))).toBe('damaged')
  })

  it('calls a code damaged whose lengths run past its end, whatever its checksum', () => {
    const body = '00020126995802ID6304'
    expect(parsePayload(body + checksum(body))).toBe('damaged')
  })

  it('takes any other text for no code at all', () => {
    expect(parsePayload('https://example.test/')).toBeNull()
    expect(parsePayload('')).toBeNull()
  })
})

it('stands under an identifier of our own and never under that of QRIS', () => {
  const payload = buildPayload(ACCOUNT, 'Ünal Çelik')
  expect(payload).toContain(OUR_IDENTIFIER)
  expect(payload).not.toContain('QRIS')
  expect(payload).toMatch(/^[\x20-\x7e]+$/)
})
