import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { buttonClass } from '@/components/ui/button.tsx'
import { Page } from '@/components/ui/page.tsx'
import { EmptyState, ErrorState } from '@/components/ui/states.tsx'

/** A screen broke, or its code could not be loaded: the browser remembers that failure until the page is loaded anew. */
export function FailedPage({ error }: { error: unknown }) {
  const { t } = useLingui()
  return (
    <Page title={t`Something went wrong`} titleHidden>
      <ErrorState error={error} onRetry={() => location.reload()} />
    </Page>
  )
}

export function MissingPage() {
  const { t } = useLingui()
  return (
    <Page title={t`Page not found`} titleHidden>
      <EmptyState
        icon={<Compass />}
        title={<Trans>This page does not exist</Trans>}
        action={
          <Link to="/" className={buttonClass('secondary')}>
            <Trans>To the start</Trans>
          </Link>
        }
      >
        <Trans>The address may be mistyped or out of date.</Trans>
      </EmptyState>
    </Page>
  )
}
