import { Trans, useLingui } from '@lingui/react/macro'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { MonitorSmartphone } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Card, Page } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { ErrorState } from '@/components/ui/states.tsx'
import { toast } from '@/components/ui/toast.tsx'
import { api, take, type Schemas } from '@/lib/api.ts'
import { useLocale } from '@/lib/locale.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { queryClient } from '@/lib/queries.ts'
import { formatTime } from '@/lib/time.ts'

const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => take(api.GET('/v1/sessions', { signal })),
})

/** The devices that are signed in; any of them can be signed out from here. */
export function SessionsPage() {
  const { t } = useLingui()
  const { data, error, isPending, refetch } = useQuery(sessionsQuery)
  const others = data?.items.filter((item) => !item.current).length ?? 0
  return (
    <Page title={t`Signed-in devices`} backTo="/account">
      <Card className="max-w-170 divide-y divide-line overflow-hidden">
        {data?.items.map((item) => <SessionRow key={item.id} item={item} />)}
        {isPending && <SkeletonRows rows={3} />}
        {error !== null && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      </Card>
      {others > 0 && (
        <div className="mt-4 max-w-170">
          <RevokeButton look="danger" size="lg" revoke={() => take(api.DELETE('/v1/sessions'))}>
            <Trans>Sign out all other devices</Trans>
          </RevokeButton>
        </div>
      )}
    </Page>
  )
}

function SessionRow({ item }: { item: Schemas['Session'] }) {
  const { t } = useLingui()
  const locale = useLocale()
  return (
    <div className="flex min-h-19 items-center gap-3 px-4 py-3">
      <span className="grid size-11 shrink-0 place-items-center rounded-full bg-primary-soft text-primary" aria-hidden="true">
        <MonitorSmartphone className="size-5" />
      </span>
      <div className="min-w-0 grow">
        <p className="font-semibold">{isKnown(item.device) ? item.device : t`Unknown device`}</p>
        <p className="text-sm text-ink3">
          <Trans>Last seen {formatTime(item.last_seen_at, 'stamp', locale)} WIB</Trans>
        </p>
      </div>
      {item.current ? (
        <span className="shrink-0 rounded-full bg-gain-soft px-3 py-1 text-xs font-semibold text-gain">
          <Trans>This device</Trans>
        </span>
      ) : (
        <RevokeButton look="quiet" revoke={() => take(api.DELETE('/v1/sessions/{id}', { params: { path: { id: item.id } } }))}>
          <Trans>Sign out</Trans>
        </RevokeButton>
      )}
    </div>
  )
}

/** The server names a browser and a system, and says so in English where it knows neither. */
function isKnown(device: string): boolean {
  return device !== '' && device !== 'Unknown device'
}

interface RevokeProps {
  look: 'danger' | 'quiet'
  size?: 'lg'
  revoke: () => Promise<unknown>
  children: React.ReactNode
}

function RevokeButton({ look, size, revoke, children }: RevokeProps) {
  const { t } = useLingui()
  const [busy, setBusy] = useState(false)
  const run = async () => {
    setBusy(true)
    try {
      await revoke()
      toast(t`Signed out.`)
    } catch (error) {
      toast(problemSentence(error))
    } finally {
      await queryClient.invalidateQueries({ queryKey: ['sessions'] })
      setBusy(false)
    }
  }
  return (
    <Button look={look} size={size ?? 'md'} busy={busy} className="shrink-0" onClick={() => void run()}>
      {children}
    </Button>
  )
}
