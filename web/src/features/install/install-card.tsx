import { Trans, useLingui } from '@lingui/react/macro'
import { X } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '@/components/ui/button.tsx'
import { install, useInstallable } from '@/lib/install.ts'
import { storage } from '@/lib/storage.ts'

/** Offers once to put the app on the home screen; who declines finds it on the account page. */
export function InstallCard() {
  const { t } = useLingui()
  const installable = useInstallable()
  const [declined, setDeclined] = useState(false)
  if (!installable || declined) return null
  const decline = () => {
    storage.set('install', 'declined')
    setDeclined(true)
  }
  return (
    <div role="region" aria-label={t`Install the app`} className="mt-7 flex items-center gap-3 rounded-lg bg-soga-soft py-3 pr-2 pl-4">
      <img src="/icon.svg" alt="" width="40" height="40" />
      <p className="min-w-0 grow text-sm">
        <span className="block font-bold">
          <Trans>Keep it one tap away</Trans>
        </span>
        <span className="text-ink2">
          <Trans>On your home screen it opens faster, also offline.</Trans>
        </span>
      </p>
      <Button look="secondary" className="shrink-0" onClick={() => void install()}>
        <Trans>Install</Trans>
      </Button>
      <IconButton label={t`Not now`} onClick={decline} className="-ml-1">
        <X className="size-5" />
      </IconButton>
    </div>
  )
}
