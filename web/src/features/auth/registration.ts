/** The rules that openapi.yaml states for a new user, checked before anything is sent. */
import { i18n, type MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { flatten, minLength, nonEmpty, object, pipe, regex, safeParse, string, trim, type InferInput } from 'valibot'
import { formText } from '@/lib/form.ts'

const PASSWORD_CHARACTERS_MIN = 8

/** Said when it is needed, in the language of that moment. */
const say = (message: MessageDescriptor) => () => i18n._(message)

const NewUser = object({
  full_name: pipe(string(), trim(), nonEmpty(say(msg`Enter your name.`))),
  username: pipe(string(), trim(), regex(/^[A-Za-z][A-Za-z0-9._]{2,29}$/, say(msg`3 to 30 characters: a letter first, then letters, digits, dots or underscores.`))),
  password: pipe(string(), minLength(PASSWORD_CHARACTERS_MIN, say(msg`At least 8 characters.`))),
  pin: pipe(string(), regex(/^\d{6}$/, say(msg`Exactly 6 digits.`))),
})

type Field = keyof InferInput<typeof NewUser>
export type RegistrationErrors = Partial<Record<Field, string>>

const FIELDS = Object.keys(NewUser.entries) as Field[]

export function checkRegistration(form: FormData) {
  const typed = Object.fromEntries(FIELDS.map((field) => [field, formText(form, field)]))
  const { success, output, issues } = safeParse(NewUser, typed)
  if (success) return { body: { ...output, keep_signed_in: form.get('keep') === 'on' }, errors: {} }
  const nested = flatten<typeof NewUser>(issues).nested ?? {}
  return { body: null, errors: Object.fromEntries(Object.entries(nested).map(([field, [first]]) => [field, first])) as RegistrationErrors }
}
