import { Trans, useLingui } from '@lingui/react/macro'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { Sheet } from '@/components/ui/sheet.tsx'
import { install, installsByShareMenu, useInstallable } from '@/lib/install.ts'
import { ActionRow } from './rows.tsx'

/** Puts the app on the home screen; absent where it stands there already or cannot stand. */
export function InstallRow() {
  const { t } = useLingui()
  const installable = useInstallable()
  const [explaining, setExplaining] = useState(false)
  if (!installable && !installsByShareMenu()) return null
  return (
    <>
      <ActionRow icon={Download} onClick={() => (installable ? void install() : setExplaining(true))}>
        <Trans>Install the app</Trans>
      </ActionRow>
      <Sheet title={t`Install the app`} open={explaining} onClose={() => setExplaining(false)}>
        <p className="pb-2 text-ink2">
          <Trans>Tap Share in Safari, then “Add to Home Screen”. The app then opens by itself, also offline.</Trans>
        </p>
      </Sheet>
    </>
  )
}
