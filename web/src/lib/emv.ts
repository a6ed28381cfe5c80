/**
 * Merchant-presented QR payloads (EMVCo QRCPS-MPM 1.1): pairs of a two-digit tag and
 * a two-digit length, ended by a CRC. Ours stand under an identifier of our own, so
 * that no other wallet takes them for QRIS and we take no QRIS code for ours.
 */

/** A UUID, as the specification allows for those without a registered identifier. */
export const OUR_IDENTIFIER = '6f1c0a5e8b7d4f2e9c3a5d7e1b2f4a6c'
const OUR_TAG = '26'
const RUPIAH = '360'
const NAME_MAX = 25
const PAYLOAD_MAX = 512

export interface MerchantPayload {
  /** The account number of a code of ours; null for everybody else's. */
  account: string | null
  merchant: string
  city: string
  /** As the code states it, unchecked; null where it leaves it to the payer. */
  amount: string | null
}

/** Builds the payload of an account's own code. `amount` is whole rupiah. */
export function buildPayload(account: string, name: string, amount?: number): string {
  const body = [
    field('00', '01'),
    field('01', amount === undefined ? '11' : '12'),
    field(OUR_TAG, field('00', OUR_IDENTIFIER) + field('01', account)),
    field('52', '0000'),
    field('53', RUPIAH),
    amount === undefined ? '' : field('54', String(amount)),
    field('58', 'ID'),
    field('59', plain(name).slice(0, NAME_MAX) || 'E-WALLET LITE'),
    field('60', 'INDONESIA'),
    '6304',
  ].join('')
  return body + checksum(body)
}

/** Returns null where the text is no such payload, and 'damaged' where it is one whose CRC or shape is wrong. */
export function parsePayload(text: string): MerchantPayload | 'damaged' | null {
  if (!text.startsWith('000201') || text.length > PAYLOAD_MAX) return null
  if (text.slice(-8, -4) !== '6304') return 'damaged'
  if (checksum(text.slice(0, -4)) !== text.slice(-4).toUpperCase()) return 'damaged'
  const fields = readFields(text)
  if (fields === null) return 'damaged'
  return {
    account: ourAccount(fields.get(OUR_TAG)),
    merchant: fields.get('59') ?? '',
    city: fields.get('60') ?? '',
    amount: fields.get('54') ?? null,
  }
}

function ourAccount(template: string | undefined): string | null {
  const inner = template === undefined ? null : readFields(template)
  return inner?.get('00') === OUR_IDENTIFIER ? (inner.get('01') ?? null) : null
}

/** Lengths count characters, as the specification's own example does. */
function readFields(text: string): Map<string, string> | null {
  const characters = [...text]
  const fields = new Map<string, string>()
  for (let at = 0; at < characters.length; ) {
    const head = characters.slice(at, at + 4).join('')
    if (!/^\d{4}$/.test(head)) return null
    const end = at + 4 + Number(head.slice(2))
    if (end > characters.length) return null
    fields.set(head.slice(0, 2), characters.slice(at + 4, end).join(''))
    at = end
  }
  return fields
}

function field(tag: string, value: string): string {
  return tag + String([...value].length).padStart(2, '0') + value
}

/** Printable ASCII, which every reader takes. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/[^\x20-\x7e]/g, '')
}

/** CRC-16/CCITT-FALSE over the UTF-8 bytes, as four upper-case hexadecimal digits. */
export function checksum(text: string): string {
  let crc = 0xffff
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  }
  return crc.toString(16).toUpperCase().padStart(4, '0')
}
