/** The rules that openapi.yaml states for a new user, checked before anything is sent. */
import { i18n } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { formText } from '@/lib/form.ts'

export interface RegistrationErrors {
  full_name?: string
  username?: string
  password?: string
  pin?: string
}

const PASSWORD_CHARACTERS_MIN = 8

export function checkRegistration(form: FormData) {
  const text = (name: string) => formText(form, name)
  const body = {
    full_name: text('full_name').trim(),
    username: text('username').trim(),
    password: text('password'),
    pin: text('pin'),
    keep_signed_in: text('keep') === 'on',
  }
  const errors: RegistrationErrors = {}
  if (body.full_name === '') errors.full_name = i18n._(msg`Enter your name.`)
  if (!/^[A-Za-z][A-Za-z0-9._]{2,29}$/.test(body.username)) {
    errors.username = i18n._(msg`3 to 30 characters: a letter first, then letters, digits, dots or underscores.`)
  }
  if (body.password.length < PASSWORD_CHARACTERS_MIN) errors.password = i18n._(msg`At least 8 characters.`)
  if (!/^\d{6}$/.test(body.pin)) errors.pin = i18n._(msg`Exactly 6 digits.`)
  return { body, errors }
}
