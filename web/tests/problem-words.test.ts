import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { chooseLocale } from '@/lib/locale.ts'
import { ConnectionError, ProblemError } from '@/lib/problem.ts'
import { problemSentence } from '@/lib/problem-words.ts'

interface Spec {
  components: { schemas: Record<string, { allOf?: { properties?: { type?: { enum?: string[] } } }[] }> }
}

const spec = parse(readFileSync('../openapi.yaml', 'utf8')) as Spec
const slugs = Object.values(spec.components.schemas)
  .flatMap((schema) => schema.allOf ?? [])
  .flatMap((part) => part.properties?.type?.enum ?? [])
  .filter((type) => type.startsWith('/problems/'))
  .map((type) => type.slice('/problems/'.length))
/** Only the provider, the developers of the webhook and operators ever meet these. */
const NOT_FOR_PEOPLE = ['topup-mismatch', 'payment-mismatch', 'signature-invalid', 'already-reversed', 'internal']

const problem = (slug: string, members: object = {}, headers = new Headers()) => new ProblemError(422, { type: `/problems/${slug}`, ...members }, headers)

describe('every problem of the contract', () => {
  it('is found in it', () => expect(slugs.length).toBeGreaterThan(20))

  it.each(slugs.filter((slug) => !NOT_FOR_PEOPLE.includes(slug)))('%s has a sentence of its own in both languages', async (slug) => {
    const sentences = []
    for (const locale of ['id', 'en'] as const) {
      await chooseLocale(locale)
      const sentence = problemSentence(problem(slug))
      expect(sentence).not.toBe(problemSentence(problem('internal')))
      sentences.push(sentence)
    }
    expect(new Set(sentences).size).toBe(2)
  })
})

it('says the figures that a problem carries', () => {
  expect(problemSentence(problem('insufficient-funds', { balance: 15_000, short_by_amount: 5_000 }))).toContain('Rp\u00a05.000')
  expect(problemSentence(problem('pin-incorrect', { attempts_left: 3 }))).toContain('3')
  expect(problemSentence(problem('pin-incorrect', { attempts_left: 1 }))).toBe('PIN salah. Sisa satu percobaan.')
  expect(problemSentence(problem('credentials-invalid', { attempts_left: 2 }))).toContain('Sisa 2 percobaan.')
  expect(problemSentence(problem('credentials-invalid', { attempts_left: 9 }))).not.toContain('9')
  expect(problemSentence(problem('limit-exceeded', { limit: 'daily_out_amount', left_amount: 250_000 }))).toContain('Rp\u00a0250.000')
  expect(problemSentence(problem('too-many-attempts', {}, new Headers({ 'Retry-After': '240' })))).toContain('4 menit')
})

it('never says that no attempt is left: it says until when the PIN is locked', () => {
  expect(problemSentence(problem('pin-incorrect', { attempts_left: 0, locked_until: '2026-11-22T08:30:00Z' }))).toBe('PIN Anda terkunci sampai 15:30 WIB.')
  expect(problemSentence(problem('pin-incorrect', { attempts_left: 0, locked_until: null }))).toContain('kata sandi')
  expect(problemSentence(problem('pin-incorrect', { attempts_left: 0 }))).toBe('PIN salah.')
})

it('never blames a person for an outage', async () => {
  await chooseLocale('en')
  expect(problemSentence(problem('unavailable'))).toContain('our fault')
  expect(problemSentence(new ConnectionError(null))).not.toMatch(/your (phone|device|connection)/i)
  expect(problemSentence(new Error('a defect'))).toContain('on our side')
})
