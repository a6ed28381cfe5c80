import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Avatar } from '@/components/ui/avatar.tsx'
import { SectionTitle } from '@/components/ui/page.tsx'
import { recipientsQuery } from '@/lib/queries.ts'

const SHOWN_MAX = 8

/** The people paid most recently, favourites first; a tap starts a transfer to them. */
export function RecentPeople() {
  const { t } = useLingui()
  const { data } = useQuery(recipientsQuery)
  const people = data?.items.slice(0, SHOWN_MAX) ?? []
  if (people.length === 0) return null
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>Send again</Trans>
      </SectionTitle>
      <ul className="-mx-5 flex gap-1 overflow-x-auto px-5 pb-1 rail:mx-0 rail:flex-wrap rail:px-0">
        {people.map((person) => (
          <li key={person.account_number}>
            <Link
              to="/send"
              search={{ to: person.account_number }}
              className="flex w-19 flex-col items-center gap-1.5 rounded-md py-1.5 text-center text-xs font-medium text-ink2 hover:bg-sunken"
            >
              <Avatar name={person.name} seed={person.account_number} />
              <span className="sr-only">{t`Send to ${person.name}`}</span>
              <span className="w-full truncate px-1" aria-hidden="true">
                {person.name.split(' ')[0]}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
