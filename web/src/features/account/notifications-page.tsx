import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { ShieldCheck } from 'lucide-react'
import { Card, Page, SectionTitle } from '@/components/ui/page.tsx'
import { SkeletonRows } from '@/components/ui/skeleton.tsx'
import { ErrorState } from '@/components/ui/states.tsx'
import { Switch } from '@/components/ui/switch.tsx'
import { DevicePush } from './device-push.tsx'
import { enableType, settingsQuery, TYPE_NAMES, type NotificationType, type Settings } from './notification-types.ts'

/** What one is told of, and where. */
export function NotificationsPage() {
  const { t } = useLingui()
  const { data, error, isPending, refetch } = useQuery(settingsQuery)
  return (
    <Page title={t`Notifications`} backTo="/account">
      <div className="grid min-w-0 gap-x-8 rail:grid-cols-2">
        <div className="min-w-0">
          <DevicePush />
          <SectionTitle>
            <Trans>Money</Trans>
          </SectionTitle>
          <Card className="divide-y divide-line overflow-hidden">
            {data && <MoneyTypes settings={data} />}
            {isPending && <SkeletonRows rows={4} />}
            {error !== null && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
          </Card>
          <p className="mt-2 px-1 text-sm text-ink3">
            <Trans>What is switched off still stands in your inbox, quietly.</Trans>
          </p>
        </div>
        <div className="min-w-0 rail:-mt-7">{data && <SecurityTypes settings={data} />}</div>
      </div>
    </Page>
  )
}

function MoneyTypes({ settings }: { settings: Settings }) {
  const name = useTypeName()
  return settings.types
    .filter((item) => item.can_mute)
    .map((item) => <Switch key={item.type} label={name(item.type)} checked={item.enabled} onChange={(enabled) => void enableType(item.type, enabled)} />)
}

/** What happens to a way into the account is always told. */
function SecurityTypes({ settings }: { settings: Settings }) {
  const name = useTypeName()
  return (
    <>
      <SectionTitle>
        <Trans>Security</Trans>
      </SectionTitle>
      <Card className="overflow-hidden">
        <ul className="divide-y divide-line">
          {settings.types
            .filter((item) => !item.can_mute)
            .map((item) => (
              <li key={item.type} className="flex min-h-14 items-center gap-4 px-4 py-2.5">
                <span className="min-w-0 grow font-medium">{name(item.type)}</span>
                <span className="inline-flex shrink-0 items-center gap-1.5 text-sm font-semibold text-gain">
                  <ShieldCheck className="size-4.5" aria-hidden="true" />
                  <Trans>Always on</Trans>
                </span>
              </li>
            ))}
        </ul>
      </Card>
      <p className="mt-2 px-1 text-sm text-ink3">
        <Trans>These protect your money and cannot be switched off.</Trans>
      </p>
    </>
  )
}

function useTypeName() {
  const { i18n } = useLingui()
  return (type: NotificationType) => i18n._(TYPE_NAMES[type])
}
