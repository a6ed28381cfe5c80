import { Trans, useLingui } from '@lingui/react/macro'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { PasswordField } from '@/components/ui/password-field.tsx'
import { TextField } from '@/components/ui/text-field.tsx'
import { useFormCheck } from '@/components/ui/use-form-check.ts'
import { api, take } from '@/lib/api.ts'
import { formText } from '@/lib/form.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { session } from '@/lib/session.ts'
import { AuthFrame } from './auth-frame.tsx'
import { KeepSignedIn } from './keep-signed-in.tsx'

const route = getRouteApi('/login')

export function LoginPage() {
  const { t } = useLingui()
  const { next } = route.useSearch()
  const { error, errors, busy, signIn } = useSignIn()
  return (
    <AuthFrame title={t`Sign in`}>
      <p className="mt-2 text-ink3">
        <Trans>Good to see you again.</Trans>
      </p>
      <form noValidate className="mt-8 grid gap-5" onSubmit={(event) => void signIn(event)}>
        <TextField label={t`Username`} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={64} required error={errors.username} />
        <PasswordField label={t`Password`} name="password" autoComplete="current-password" maxLength={128} required error={errors.password} />
        <KeepSignedIn />
        {error !== null && (
          <Notice tone="loss" role="alert">
            {problemSentence(error)}
          </Notice>
        )}
        <Button type="submit" size="lg" busy={busy}>
          <Trans>Sign in</Trans>
        </Button>
      </form>
      <p className="mt-6 text-center text-ink3">
        <Trans>New here?</Trans>{' '}
        <Link to="/register" search={{ next }} className="inline-flex min-h-11 items-center font-semibold text-primary underline-offset-4 hover:underline">
          <Trans>Open a wallet</Trans>
        </Link>
      </p>
    </AuthFrame>
  )
}

/** Where it succeeds, the route's guard leads on. */
function useSignIn() {
  const { errors, check } = useFormCheck()
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const signIn = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!check(event.currentTarget)) return
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(null)
    try {
      const body = {
        username: formText(form, 'username').trim(),
        password: formText(form, 'password'),
        keep_signed_in: form.get('keep') === 'on',
      }
      session.begin(await take(api.POST('/v1/sessions', { body })))
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return { error, errors, busy, signIn }
}
