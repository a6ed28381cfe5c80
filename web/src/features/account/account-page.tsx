import { Trans, useLingui } from '@lingui/react/macro'
import { Bell, BookOpenText, FileDown, FileJson, KeyRound, LockKeyhole, LogOut, MonitorSmartphone, PencilLine, UserRoundX } from 'lucide-react'
import { useState } from 'react'
import { LanguageChoice, ThemeChoice } from '@/components/preferences.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Card, Page, SectionTitle } from '@/components/ui/page.tsx'
import { toast } from '@/components/ui/toast.tsx'
import { signOut } from '@/lib/sign-out.ts'
import { AccountSheets, type SheetName } from './account-sheets.tsx'
import { downloadMyData } from './account.ts'
import { InstallRow } from './install-row.tsx'
import { Limits } from './limits.tsx'
import { Profile } from './profile.tsx'
import { ActionRow, LinkRow } from './rows.tsx'

type Open = (name: SheetName) => void

export function AccountPage() {
  const { t } = useLingui()
  const [open, setOpen] = useState<SheetName | null>(null)
  return (
    <Page title={t`Account`}>
      <div className="grid min-w-0 gap-x-8 rail:grid-cols-2">
        <div className="min-w-0">
          <Profile />
          <Security onOpen={setOpen} />
          <Limits />
        </div>
        <div className="min-w-0 rail:-mt-7">
          <Preferences />
          <More onOpen={setOpen} />
          <SignOutButton />
        </div>
      </div>
      <AccountSheets open={open} onClose={() => setOpen(null)} />
    </Page>
  )
}

function Security({ onOpen }: { onOpen: Open }) {
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>Security</Trans>
      </SectionTitle>
      <Card className="divide-y divide-line overflow-hidden">
        <ActionRow icon={PencilLine} onClick={() => onOpen('name')}>
          <Trans>Change name</Trans>
        </ActionRow>
        <ActionRow icon={KeyRound} onClick={() => onOpen('password')}>
          <Trans>Change password</Trans>
        </ActionRow>
        <ActionRow icon={LockKeyhole} onClick={() => onOpen('pin')}>
          <Trans>Change or reset PIN</Trans>
        </ActionRow>
        <LinkRow icon={MonitorSmartphone} to="/account/sessions">
          <Trans>Signed-in devices</Trans>
        </LinkRow>
      </Card>
    </section>
  )
}

function Preferences() {
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>Preferences</Trans>
      </SectionTitle>
      <div className="grid gap-3">
        <LanguageChoice />
        <ThemeChoice />
        <Card className="divide-y divide-line overflow-hidden">
          <LinkRow icon={Bell} to="/account/notifications">
            <Trans>Notifications</Trans>
          </LinkRow>
          <InstallRow />
        </Card>
      </div>
    </section>
  )
}

function More({ onOpen }: { onOpen: Open }) {
  return (
    <section className="min-w-0">
      <SectionTitle>
        <Trans>More</Trans>
      </SectionTitle>
      <Card className="divide-y divide-line overflow-hidden">
        <LinkRow icon={FileDown} to="/statements">
          <Trans>Statements</Trans>
        </LinkRow>
        <LinkRow icon={BookOpenText} to="/docs">
          <Trans>API reference</Trans>
        </LinkRow>
        <ActionRow icon={FileJson} onClick={() => void downloadMyData()}>
          <Trans>Download my data</Trans>
        </ActionRow>
        <ActionRow icon={UserRoundX} onClick={() => onOpen('closure')}>
          <Trans>Close my account</Trans>
        </ActionRow>
      </Card>
    </section>
  )
}

/** Whoever leaves on purpose is not led back here: the next person at this device may be another. */
function SignOutButton() {
  const { t } = useLingui()
  const [busy, setBusy] = useState(false)
  const leave = async () => {
    setBusy(true)
    if (!(await signOut())) toast(t`Signed out here, but we could not be reached. Open this page again when you are online.`)
  }
  return (
    <Button look="danger" size="lg" className="mt-6" busy={busy} icon={<LogOut className="size-5" aria-hidden="true" />} onClick={() => void leave()}>
      <Trans>Sign out</Trans>
    </Button>
  )
}
