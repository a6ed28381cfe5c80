import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { PasswordField } from '@/components/ui/password-field.tsx'
import { useFormCheck } from '@/components/ui/use-form-check.ts'
import { api, take } from '@/lib/api.ts'
import { formText } from '@/lib/form.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { walletQuery } from '@/lib/queries.ts'
import { session } from '@/lib/session.ts'
import { useChange } from './use-change.ts'

/** Closes the account for good; possible only when nothing is left in it. */
export function ClosureForm() {
  const { t } = useLingui()
  const { errors, check } = useFormCheck()
  const { data: wallet } = useQuery(walletQuery)
  const { busy, error, run } = useChange(() => session.leave())
  const empty = wallet?.balance === 0
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!check(event.currentTarget)) return
    const pin = formText(new FormData(event.currentTarget), 'pin')
    void run(() => take(api.POST('/v1/me/closure', { body: { pin } })), t`Your account was closed.`)
  }
  return (
    <form noValidate onSubmit={submit} className="grid gap-5 pt-2">
      <Notice tone="warn">
        <Trans>You will not be able to sign in again, and your name is erased. The books keep their entries without it.</Trans>
      </Notice>
      {!empty && (
        <Notice tone="info">
          <Trans>Your balance must be Rp 0 before the account can be closed.</Trans>
        </Notice>
      )}
      <PasswordField label={t`PIN, 6 digits`} name="pin" inputMode="numeric" pattern="[0-9]{6}" maxLength={6} autoComplete="off" required error={errors.pin} />
      {error !== null && (
        <Notice tone="loss" role="alert">
          {problemSentence(error)}
        </Notice>
      )}
      <Button type="submit" look="danger" size="lg" busy={busy} disabled={!empty}>
        <Trans>Close my account for good</Trans>
      </Button>
    </form>
  )
}
