import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import { Avatar } from '@/components/ui/avatar.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Notice } from '@/components/ui/notice.tsx'
import { api, take, type Schemas } from '@/lib/api.ts'
import { useNow } from '@/lib/clock.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { queryClient } from '@/lib/queries.ts'
import { formatCountdown } from '@/lib/countdown.ts'

type Decision = Schemas['Decision']['decision']

interface Props {
  token: string
  page: Schemas['PayPage']
}

export function PayRequest({ token, page }: Props) {
  const locale = useLocale()
  const { decide, busy, error } = useDecision(token)
  const left = Date.parse(page.expires_at) - useNow()
  return (
    <div className="flex grow flex-col">
      <div className="grid justify-items-center gap-1 rounded-xl border border-line bg-surface px-5 py-8 text-center">
        <Avatar name={page.payee_name} size="lg" />
        <p className="mt-3 text-sm text-ink3">
          <Trans>Pay to the wallet of</Trans>
        </p>
        <p className="max-w-full truncate text-lg font-bold">{page.payee_name}</p>
        <p className="money mt-4 text-[clamp(1.75rem,9vw,2.25rem)] leading-10 font-extrabold tracking-[-0.02em]">{formatRupiah(page.amount, locale)}</p>
        <p className="money mt-2 text-sm text-ink3">{left > 0 ? <Trans>Valid for {formatCountdown(left)}</Trans> : <Trans>This code is expiring.</Trans>}</p>
      </div>
      <div className="mt-auto grid gap-3 pt-8">
        {error !== null && (
          <Notice tone="warn" role="alert">
            {problemSentence(error)}
          </Notice>
        )}
        <Button size="lg" busy={busy === 'approve'} disabled={busy !== null} onClick={() => void decide('approve')}>
          <Trans>Pay {formatRupiah(page.amount, locale)}</Trans>
        </Button>
        <Button look="quiet" size="lg" busy={busy === 'decline'} disabled={busy !== null} onClick={() => void decide('decline')}>
          <Trans>Decline</Trans>
        </Button>
      </div>
    </div>
  )
}

/** A decision can be sent again: it is answered the same and paid once. */
function useDecision(token: string) {
  const [busy, setBusy] = useState<Decision | null>(null)
  const [error, setError] = useState<unknown>(null)
  const decide = async (decision: Decision) => {
    setBusy(decision)
    setError(null)
    try {
      const { status } = await take(api.POST('/v1/pay/{token}', { params: { path: { token } }, body: { decision } }))
      queryClient.setQueryData(['pay', token], (page: Schemas['PayPage'] | undefined) => page && { ...page, status })
    } catch (problem) {
      setError(problem)
      // A lost answer may have been a yes: the truth is asked for, whatever failed.
      await queryClient.invalidateQueries({ queryKey: ['pay', token] })
    } finally {
      setBusy(null)
    }
  }
  return { decide, busy, error }
}
