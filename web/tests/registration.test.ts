/** The rules of a new user, at each field before anything is sent. */
import { expect, it } from 'vitest'
import { checkRegistration } from '@/features/auth/registration.ts'

const GOOD = { full_name: ' Dewi Lestari ', username: 'dewi.lestari', password: 'kereta malam', pin: '246810' }

function check(changes: Record<string, string> = {}) {
  const form = new FormData()
  for (const [name, value] of Object.entries({ ...GOOD, ...changes })) form.set(name, value)
  return checkRegistration(form)
}

it('passes what is right on, without the spaces around names', () => {
  expect(check()).toEqual({ body: { ...GOOD, full_name: 'Dewi Lestari', keep_signed_in: false }, errors: {} })
  expect(check({ keep: 'on' }).body?.keep_signed_in).toBe(true)
})

it.each([
  ['full_name', '   '],
  ['username', 'de'],
  ['username', '1dewi'],
  ['username', 'dewi lestari'],
  ['password', 'pendek7'],
  ['pin', '12345'],
  ['pin', '12a456'],
  ['pin', '1234567'],
])('says at %s what is wrong with %j', (field, value) => {
  const { body, errors } = check({ [field]: value })
  expect(body).toBeNull()
  expect(Object.keys(errors)).toEqual([field])
})

it('says everything at once', () => {
  expect(Object.keys(check({ full_name: '', username: '', password: '', pin: '' }).errors)).toEqual(['full_name', 'username', 'password', 'pin'])
})
