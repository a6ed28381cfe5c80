import { Trans, useLingui } from '@lingui/react/macro'
import { useState, type FormEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Choice } from '@/components/ui/choice.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { PasswordField } from '@/components/ui/password-field.tsx'
import { useFormCheck } from '@/components/ui/use-form-check.ts'
import { api, take } from '@/lib/api.ts'
import { formText } from '@/lib/form.ts'
import { isProblem } from '@/lib/problem.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { changeSecret } from './account.ts'
import { useChange } from './use-change.ts'

type Means = 'pin' | 'password'

const DIGITS = { inputMode: 'numeric' as const, pattern: '[0-9]{6}', maxLength: 6, autoComplete: 'off', required: true }

/** A new PIN, by the old one, or by the password where it was forgotten or is locked. */
export function PinForm({ onDone }: { onDone: () => void }) {
  const { t } = useLingui()
  const { errors, check } = useFormCheck()
  const [means, setMeans] = useState<Means>('pin')
  const { busy, error, setError, run } = useChange(onDone)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!check(event.currentTarget)) return
    const body = bodyOf(means, new FormData(event.currentTarget))
    void run(() => changeSecret(take(api.PUT('/v1/me/pin', { body }))), t`Your PIN was changed; other devices were signed out.`)
  }
  const weak = isProblem(error, 'secret-too-weak') ? problemSentence(error) : null
  return (
    <form noValidate onSubmit={submit} className="grid gap-5 pt-2">
      <MeansChoice
        means={means}
        onChange={(next) => {
          setMeans(next)
          setError(null)
        }}
      />
      {means === 'pin' ? (
        <PasswordField key="pin" label={t`Current PIN`} name="current" {...DIGITS} error={errors.current} />
      ) : (
        <PasswordField key="password" label={t`Password`} name="current" autoComplete="current-password" maxLength={128} required error={errors.current} hint={t`This also opens a locked PIN.`} />
      )}
      <PasswordField label={t`New PIN, 6 digits`} name="new" {...DIGITS} error={errors.new ?? weak} hint={t`Avoid 123456 and dates.`} />
      {error !== null && !weak && (
        <Notice tone="loss" role="alert">
          {problemSentence(error)}
        </Notice>
      )}
      <Button type="submit" size="lg" busy={busy}>
        <Trans>Save</Trans>
      </Button>
    </form>
  )
}

function MeansChoice({ means, onChange }: { means: Means; onChange: (means: Means) => void }) {
  const { t } = useLingui()
  return (
    <Choice
      label={t`Confirm with`}
      value={means}
      onChange={onChange}
      options={[
        { value: 'pin', label: t`Current PIN` },
        { value: 'password', label: t`Password` },
      ]}
    />
  )
}

function bodyOf(means: Means, form: FormData) {
  const new_pin = formText(form, 'new')
  const current = formText(form, 'current')
  return means === 'pin' ? { current_pin: current, new_pin } : { password: current, new_pin }
}
