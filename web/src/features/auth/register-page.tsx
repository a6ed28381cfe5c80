import { Trans, useLingui } from '@lingui/react/macro'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { PasswordField } from '@/components/ui/password-field.tsx'
import { TextField } from '@/components/ui/text-field.tsx'
import { api, take } from '@/lib/api.ts'
import { isProblem } from '@/lib/problem.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { session } from '@/lib/session.ts'
import { AuthFrame } from './auth-frame.tsx'
import { KeepSignedIn } from './keep-signed-in.tsx'
import { checkRegistration, type RegistrationErrors } from './registration.ts'

const route = getRouteApi('/register')

export function RegisterPage() {
  const { t } = useLingui()
  const { next } = route.useSearch()
  const { errors, failure, busy, register } = useRegister()
  return (
    <AuthFrame title={t`Open a wallet`}>
      <p className="mt-2 text-ink3">
        <Trans>It takes a minute and costs nothing.</Trans>
      </p>
      <form className="mt-8 grid gap-5" noValidate onSubmit={(event) => void register(event)}>
        <TextField label={t`Full name`} name="full_name" autoComplete="name" maxLength={80} error={errors.full_name} hint={t`As others see it when they pay you.`} required />
        <TextField label={t`Username`} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={30} error={errors.username} hint={t`A letter first, then letters, digits, dots or underscores.`} required />
        <PasswordField label={t`Password`} name="password" autoComplete="new-password" maxLength={128} error={errors.password} hint={t`At least 8 characters; not one that is widely used.`} required />
        <PasswordField label={t`PIN, 6 digits`} name="pin" inputMode="numeric" autoComplete="off" maxLength={6} error={errors.pin} hint={t`You confirm each payment with it. Avoid 123456 and dates.`} required />
        <KeepSignedIn />
        {failure !== null && (
          <Notice tone="loss" role="alert">
            {problemSentence(failure)}
          </Notice>
        )}
        <Button type="submit" size="lg" busy={busy}>
          <Trans>Open my wallet</Trans>
        </Button>
      </form>
      <p className="mt-6 text-center text-ink3">
        <Trans>Already have one?</Trans>{' '}
        <Link to="/login" search={{ next }} className="inline-flex min-h-11 items-center font-semibold text-primary underline-offset-4 hover:underline">
          <Trans>Sign in</Trans>
        </Link>
      </p>
    </AuthFrame>
  )
}

/** Where it succeeds, the route's guard leads on. */
function useRegister() {
  const [errors, setErrors] = useState<RegistrationErrors>({})
  const [failure, setFailure] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const register = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const { body, errors: found } = checkRegistration(new FormData(form))
    setErrors(found)
    setFailure(null)
    if (body === null) return focusFirst(form, found)
    setBusy(true)
    try {
      session.begin(await take(api.POST('/v1/users', { body })))
    } catch (problem) {
      const refused = fieldErrors(problem)
      setErrors(refused)
      if (Object.keys(refused).length > 0) focusFirst(form, refused)
      else setFailure(problem)
    } finally {
      setBusy(false)
    }
  }
  return { errors, failure, busy, register }
}

/** The problems that belong to one field stand at that field. */
function fieldErrors(problem: unknown): RegistrationErrors {
  if (isProblem(problem, 'username-taken')) return { username: problemSentence(problem) }
  if (!isProblem(problem, 'secret-too-weak')) return {}
  return { [problem.text('field') === 'pin' ? 'pin' : 'password']: problemSentence(problem) }
}

function focusFirst(form: HTMLFormElement, errors: RegistrationErrors) {
  const name = ['full_name', 'username', 'password', 'pin'].find((field) => field in errors)
  const field = name ? form.elements.namedItem(name) : null
  if (field instanceof HTMLElement) field.focus()
}
