/** The query string of a page: plain `name=value` pairs, so that an address can be read and shared. */
import { isAccountNumber } from './money.ts'

export type RawSearch = Record<string, unknown>

export function parseSearch(text: string): RawSearch {
  return Object.fromEntries(new URLSearchParams(text))
}

export function stringifySearch(search: RawSearch): string {
  const pairs = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') pairs.set(name, `${value as string | number}`)
  }
  const text = pairs.toString()
  return text ? `?${text}` : ''
}

const NOTE_MAX = 140

/** What a page takes from its address; anything else in it is dropped, never trusted. */
export const readSearch = {
  text(value: unknown, max = NOTE_MAX): string | undefined {
    return typeof value === 'string' && value !== '' ? value.slice(0, max) : undefined
  },
  day(value: unknown): string | undefined {
    return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined
  },
  amount(value: unknown): number | undefined {
    return typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : typeof value === 'number' ? value : undefined
  },
  account(value: unknown): string | undefined {
    return typeof value === 'string' && isAccountNumber(value) ? value : undefined
  },
  id(value: unknown): string | undefined {
    return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value) ? value : undefined
  },
  oneOf<T extends string>(value: unknown, options: readonly T[]): T | undefined {
    return options.find((option) => option === value)
  },
  /** Only a path of our own: an address of another site must not follow a sign-in. */
  path(value: unknown): string | undefined {
    return typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined
  },
}
