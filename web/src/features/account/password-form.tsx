import { Trans, useLingui } from '@lingui/react/macro'
import type { FormEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { PasswordField } from '@/components/ui/password-field.tsx'
import { useFormCheck } from '@/components/ui/use-form-check.ts'
import { api, take } from '@/lib/api.ts'
import { formText } from '@/lib/form.ts'
import { isProblem } from '@/lib/problem.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { changeSecret } from './account.ts'
import { useChange } from './use-change.ts'

export function PasswordForm({ onDone }: { onDone: () => void }) {
  const { t } = useLingui()
  const { errors, check } = useFormCheck()
  const { busy, error, run } = useChange(onDone)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!check(event.currentTarget)) return
    const form = new FormData(event.currentTarget)
    const body = { current_password: formText(form, 'current'), new_password: formText(form, 'new') }
    void run(() => changeSecret(take(api.PUT('/v1/me/password', { body }))), t`Your password was changed; other devices were signed out.`)
  }
  const wrong = isProblem(error, 'password-incorrect') ? problemSentence(error) : null
  const weak = isProblem(error, 'secret-too-weak') ? problemSentence(error) : null
  return (
    <form noValidate onSubmit={submit} className="grid gap-5 pt-2">
      <PasswordField label={t`Current password`} name="current" autoComplete="current-password" maxLength={128} required error={errors.current ?? wrong} />
      <PasswordField label={t`New password`} name="new" autoComplete="new-password" minLength={8} maxLength={128} required error={errors.new ?? weak} hint={t`At least 8 characters; not one that is widely used.`} />
      {error !== null && !wrong && !weak && (
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
