import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Avatar } from '@/components/ui/avatar.tsx'
import { SectionTitle } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { problemSentence } from '@/lib/problem-words.ts'
import { recipientsQuery } from '@/lib/queries.ts'

const SHOWN_MAX = 8

/** The people paid most recently, favourites first; a tap starts a transfer to them. Its height is the same in every state. */
export function RecentPeople() {
  const { data, error, isPending } = useQuery(recipientsQuery)
  const people = data?.items.slice(0, SHOWN_MAX) ?? []
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>Send again</Trans>
      </SectionTitle>
      <ul className="-mx-5 flex min-h-21 gap-1 overflow-x-auto px-5 pb-1 rail:mx-0 rail:flex-wrap rail:px-0">
        {people.map((person) => (
          <Person key={person.account_number} number={person.account_number} name={person.name} />
        ))}
        {isPending && [0, 1, 2].map((place) => <Place key={place} />)}
        {!isPending && people.length === 0 && (
          <li className="grid grow place-items-center rounded-md border border-dashed border-line px-4 text-center text-sm text-ink3">
            {error !== null ? problemSentence(error) : <Trans>Whom you pay stands here for the next time.</Trans>}
          </li>
        )}
      </ul>
    </section>
  )
}

function Person({ number, name }: { number: string; name: string }) {
  const { t } = useLingui()
  return (
    <li>
      <Link to="/send" search={{ to: number }} className="flex w-19 flex-col items-center gap-1.5 rounded-md py-1.5 text-center text-xs font-medium text-ink2 hover:bg-sunken">
        <Avatar name={name} seed={number} />
        <span className="sr-only">{t`Send to ${name}`}</span>
        <span className="w-full truncate px-1" aria-hidden="true">
          {name.split(' ')[0]}
        </span>
      </Link>
    </li>
  )
}

function Place() {
  return (
    <li className="flex w-19 flex-col items-center gap-2 py-1.5">
      <Skeleton className="size-11 rounded-full" />
      <Skeleton className="h-3 w-12" />
    </li>
  )
}
