import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ScanLine, UsersRound } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { Avatar } from '@/components/ui/avatar.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Card, SectionTitle } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '@/components/ui/states.tsx'
import { TextField } from '@/components/ui/text-field.tsx'
import { useCaretKept } from '@/components/ui/use-caret-kept.ts'
import { groupAccountNumber, isAccountNumber } from '@/lib/money.ts'
import { recipientsQuery } from '@/lib/queries.ts'
import { FavouriteButton } from './favourite-button.tsx'
import { NameCheck, useNameCheck } from './name-check.tsx'

interface Prefill {
  amount: number | undefined
  note: string | undefined
}

/** Whom to pay: by number, by a recent name, or by scanning. */
export function RecipientStep({ amount, note }: Prefill) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const digits = digitsOf(text)
  const isNumber = digits !== null
  const { input, read } = useCaretKept(text, grouped)
  const check = useNameCheck(digits ?? '')

  const choose = (to: string) => void navigate({ to: '/send', search: { to, amount, note } })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (check.state === 'found') choose(check.account.account_number)
  }
  return (
    <>
      <form onSubmit={submit} className="grid gap-4">
        <TextField
          label={t`Account number or name`}
          inputMode={isNumber ? 'numeric' : 'text'}
          autoComplete="off"
          spellCheck={false}
          maxLength={80}
          ref={input}
          value={text}
          onChange={(event) => setText(grouped(read(event)))}
          error={isNumber && digits.length >= 12 && !isAccountNumber(digits) ? t`This number has a typo: check its digits.` : null}
          after={<ScanLink />}
        />
        <NameCheck check={check} />
        {check.state === 'found' && (
          <Button type="submit" size="lg">
            <Trans>Continue</Trans>
          </Button>
        )}
      </form>
      {!isNumber && <People filter={text} onChoose={choose} />}
    </>
  )
}

/** Null where it is no number, so a name. */
function digitsOf(text: string): string | null {
  const digits = text.replace(/\s/g, '')
  return /^\d+$/.test(digits) ? digits : null
}

function grouped(text: string): string {
  const digits = digitsOf(text)
  return digits === null ? text : groupAccountNumber(digits)
}

function ScanLink() {
  const { t } = useLingui()
  return (
    <Link to="/scan" aria-label={t`Scan a code`} className="grid size-11 place-items-center rounded-full text-primary hover:bg-sunken">
      <ScanLine className="size-5.5" />
    </Link>
  )
}

function People({ filter, onChoose }: { filter: string; onChoose: (number: string) => void }) {
  const { data, error, isPending, refetch } = useQuery(recipientsQuery)
  const wanted = filter.trim().toLowerCase()
  const people = data?.items.filter((person) => person.name.toLowerCase().includes(wanted)) ?? []
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>Recent and favourite</Trans>
      </SectionTitle>
      <Card className="overflow-hidden">
        {people.map((person) => (
          <div key={person.account_number} className="flex items-center pr-2 transition-colors duration-150 hover:bg-sunken">
            <button type="button" onClick={() => onChoose(person.account_number)} className="flex min-h-17 min-w-0 grow items-center gap-3 py-3 pl-4 text-left">
              <Avatar name={person.name} seed={person.account_number} />
              <span className="min-w-0 grow">
                <span className="block truncate font-semibold">{person.name}</span>
                <span className="money block text-sm text-ink3">{groupAccountNumber(person.account_number)}</span>
              </span>
            </button>
            <FavouriteButton person={person} />
          </div>
        ))}
        {isPending && <SkeletonRows rows={3} />}
        {error !== null && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data && people.length === 0 && (
          <EmptyState icon={<UsersRound />} title={wanted ? <Trans>Nobody of this name</Trans> : <Trans>Nobody yet</Trans>}>
            <Trans>Type an account number of 12 digits, or scan a code.</Trans>
          </EmptyState>
        )}
      </Card>
    </section>
  )
}
