import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Copy } from 'lucide-react'
import { Avatar } from '@/components/ui/avatar.tsx'
import { Card } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { ErrorState } from '@/components/ui/states.tsx'
import { toast } from '@/components/ui/toast.tsx'
import { copyText } from '@/lib/clipboard.ts'
import { groupAccountNumber } from '@/lib/money.ts'
import { meQuery, walletQuery } from '@/lib/queries.ts'

/** Who is signed in, with the number to be paid by. */
export function Profile() {
  const { data: me, error, refetch } = useQuery(meQuery)
  const { data: wallet } = useQuery(walletQuery)
  if (error !== null && !me) {
    return (
      <Card>
        <ErrorState error={error} onRetry={() => void refetch()} />
      </Card>
    )
  }
  return (
    <Card className="flex items-center gap-4 p-5">
      <Avatar name={me?.full_name ?? ' '} seed={me?.id ?? ''} size="lg" />
      <div className="min-w-0">
        {me ? <p className="truncate text-lg font-bold">{me.full_name}</p> : <Skeleton className="h-6.5 w-40" />}
        {me ? <p className="truncate text-ink3">@{me.username}</p> : <Skeleton className="mt-1 h-5 w-24" />}
        {wallet ? <NumberButton number={wallet.account_number} /> : <Skeleton className="mt-2 h-7 w-32" />}
      </div>
    </Card>
  )
}

function NumberButton({ number }: { number: string }) {
  const { t } = useLingui()
  const copy = async () => {
    if (await copyText(number)) toast(t`Account number copied`)
  }
  return (
    <button type="button" onClick={() => void copy()} className="money -mx-2 inline-flex min-h-11 items-center gap-2 rounded-sm px-2 text-sm text-ink2 transition-colors duration-150 hover:bg-sunken">
      <span className="sr-only">{t`Copy account number`} </span>
      {groupAccountNumber(number)}
      <Copy className="size-4 text-ink3" aria-hidden="true" />
    </button>
  )
}
