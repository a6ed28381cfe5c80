import { useLingui } from '@lingui/react/macro'
import { Star } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '@/components/ui/button.tsx'
import { toast } from '@/components/ui/toast.tsx'
import { api, take, type Schemas } from '@/lib/api.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { queryClient } from '@/lib/queries.ts'

/** Keeps a person at the head of the list, or no longer. */
export function FavouriteButton({ person }: { person: Schemas['Recipient'] }) {
  const { t } = useLingui()
  const [busy, setBusy] = useState(false)
  const toggle = async () => {
    if (busy) return
    const init = { params: { path: { account_number: person.account_number } } }
    setBusy(true)
    try {
      await (person.favourite ? take(api.DELETE('/v1/wallet/recipients/{account_number}', init)) : take(api.PUT('/v1/wallet/recipients/{account_number}', init)))
    } catch (error) {
      toast(problemSentence(error))
    } finally {
      await queryClient.invalidateQueries({ queryKey: ['recipients'] })
      setBusy(false)
    }
  }
  return (
    <IconButton label={t`Favourite: ${person.name}`} aria-pressed={person.favourite} aria-disabled={busy || undefined} onClick={() => void toggle()}>
      <Star className={person.favourite ? 'size-5 fill-current text-soga-strong' : 'size-5 text-ink3'} />
    </IconButton>
  )
}
