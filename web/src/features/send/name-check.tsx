import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Avatar } from '@/components/ui/avatar.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { groupAccountNumber, isAccountNumber } from '@/lib/money.ts'
import { isProblem } from '@/lib/problem.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { accountQuery, type Account } from '@/lib/queries.ts'

export type Check =
  | { state: 'idle' }
  | { state: 'searching' }
  | { state: 'found'; account: Account }
  | { state: 'self'; account: Account }
  | { state: 'missing' }
  | { state: 'failed'; error: unknown; retry: () => void }

/** Asks the server whose number this is, once it is complete and its check digit is right. */
export function useNameCheck(number: string): Check {
  const complete = isAccountNumber(number)
  const { data, error, refetch } = useQuery({ ...accountQuery(number), enabled: complete })
  if (!complete) return { state: 'idle' }
  if (data) return { state: data.is_self ? 'self' : 'found', account: data }
  if (error === null) return { state: 'searching' }
  return isProblem(error, 'account-not-found') ? { state: 'missing' } : { state: 'failed', error, retry: () => void refetch() }
}

/** What the name check found, said as it changes. */
export function NameCheck({ check }: { check: Check }) {
  return (
    <div aria-live="polite" className="empty:hidden">
      {check.state === 'searching' && <SearchingRow />}
      {check.state === 'found' && <FoundRow account={check.account} />}
      {check.state === 'self' && (
        <Notice tone="warn">
          <Trans>This is your own account. Choose another recipient.</Trans>
        </Notice>
      )}
      {check.state === 'missing' && (
        <Notice tone="loss">
          <Trans>No account has this number.</Trans>
        </Notice>
      )}
      {check.state === 'failed' && (
        <div className="grid gap-3">
          <Notice tone="warn">{problemSentence(check.error)}</Notice>
          <Button look="secondary" onClick={check.retry}>
            <Trans>Try again</Trans>
          </Button>
        </div>
      )}
    </div>
  )
}

function SearchingRow() {
  return (
    <div className="flex min-h-17 items-center gap-3 rounded-md bg-sunken px-4">
      <Skeleton className="size-11 rounded-full" />
      <span className="text-ink3">
        <Trans>Looking for the name…</Trans>
      </span>
    </div>
  )
}

function FoundRow({ account }: { account: Account }) {
  return (
    <div className="flex min-h-17 min-w-0 items-center gap-3 rounded-md bg-sunken px-4 py-3">
      <Avatar name={account.name} seed={account.account_number} />
      <div className="min-w-0 grow">
        <p className="truncate font-semibold">{account.name}</p>
        <p className="money text-sm text-ink3">{groupAccountNumber(account.account_number)}</p>
      </div>
      {account.first_time && (
        <span className="shrink-0 rounded-full bg-soga-soft px-3 py-1 text-xs font-semibold text-soga-ink">
          <Trans>First time</Trans>
        </span>
      )}
    </div>
  )
}
