import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Card } from '@/components/ui/page.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { Switch } from '@/components/ui/switch.tsx'
import { toast } from '@/components/ui/toast.tsx'
import { problemSentence } from '@/lib/problem-words.ts'
import { pushState, turnPushOff, turnPushOn, type PushState } from '@/lib/push.ts'
import { queryClient } from '@/lib/queries.ts'

const QUERY = { queryKey: ['push-state'], queryFn: pushState }

/** Whether this device is told while the app is closed. */
export function DevicePush() {
  const { t } = useLingui()
  const { data: state } = useQuery(QUERY)
  const { busy, change } = useSwitch()
  return (
    <Card className="overflow-hidden">
      {state === undefined ? (
        <Skeleton className="m-4 h-10" />
      ) : (
        <Switch label={t`On this device`} hint={<Hint state={state} />} checked={state === 'on'} disabled={busy || state === 'unsupported' || state === 'blocked'} onChange={(on) => void change(on)} />
      )}
    </Card>
  )
}

function Hint({ state }: { state: PushState }) {
  switch (state) {
    case 'on':
      return <Trans>You are told here even while the app is closed.</Trans>
    case 'blocked':
      return <Trans>Your browser blocks notices of this site. Allow them in its settings, then come back.</Trans>
    case 'unsupported':
      return <Trans>This browser cannot be told while the app is closed. On an iPhone, install the app first.</Trans>
    default:
      return <Trans>Be told when money arrives, even while the app is closed.</Trans>
  }
}

function useSwitch() {
  const { t } = useLingui()
  const [busy, setBusy] = useState(false)
  const change = async (on: boolean) => {
    setBusy(true)
    try {
      queryClient.setQueryData(QUERY.queryKey, await (on ? turnPushOn() : turnPushOff()))
    } catch (error) {
      toast(error instanceof DOMException ? t`Your browser could not reach its notification service. Try again later.` : problemSentence(error))
      await queryClient.invalidateQueries({ queryKey: QUERY.queryKey })
    } finally {
      setBusy(false)
    }
  }
  return { busy, change }
}
