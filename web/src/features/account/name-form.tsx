import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { TextField } from '@/components/ui/text-field.tsx'
import { useFormCheck } from '@/components/ui/use-form-check.ts'
import { api, take } from '@/lib/api.ts'
import { formText } from '@/lib/form.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { meQuery, queryClient } from '@/lib/queries.ts'
import { useChange } from './use-change.ts'

export function NameForm({ onDone }: { onDone: () => void }) {
  const { t } = useLingui()
  const { errors, check } = useFormCheck()
  const { data: me } = useQuery(meQuery)
  const { busy, error, run } = useChange(onDone)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!check(event.currentTarget)) return
    const fullName = formText(new FormData(event.currentTarget), 'full_name').trim()
    if (fullName === '') return
    const change = async () => queryClient.setQueryData(meQuery.queryKey, await take(api.PATCH('/v1/me', { body: { full_name: fullName } })))
    void run(change, t`Your name was changed.`)
  }
  return (
    <form noValidate onSubmit={submit} className="grid gap-5 pt-2">
      <TextField label={t`Full name`} name="full_name" autoComplete="name" maxLength={80} defaultValue={me?.full_name} required error={errors.full_name ?? (error === null ? null : problemSentence(error))} hint={t`As others see it when they pay you.`} />
      <Button type="submit" size="lg" busy={busy}>
        <Trans>Save</Trans>
      </Button>
    </form>
  )
}
