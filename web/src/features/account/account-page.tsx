import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { BookOpenText, ChevronRight, FileDown, FileJson, KeyRound, LockKeyhole, LogOut, MonitorSmartphone, PencilLine, UserRoundX, type LucideIcon } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { LanguageChoice, ThemeChoice } from '@/components/preferences.tsx'
import { Avatar } from '@/components/ui/avatar.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Card, Page, SectionTitle } from '@/components/ui/page.tsx'
import { Sheet } from '@/components/ui/sheet.tsx'
import { Skeleton } from '@/components/ui/skeleton.tsx'
import { groupAccountNumber } from '@/lib/money.ts'
import { meQuery, walletQuery } from '@/lib/queries.ts'
import { downloadMyData, signOut } from './account.ts'
import { ClosureForm } from './closure-form.tsx'
import { Limits } from './limits.tsx'
import { NameForm } from './name-form.tsx'
import { PasswordForm } from './password-form.tsx'
import { PinForm } from './pin-form.tsx'

type SheetName = 'name' | 'password' | 'pin' | 'closure'

export function AccountPage() {
  const { t } = useLingui()
  const [open, setOpen] = useState<SheetName | null>(null)
  const close = () => setOpen(null)
  return (
    <Page title={t`Account`}>
      <div className="grid min-w-0 gap-x-8 rail:grid-cols-2">
        <div className="min-w-0">
          <Profile />
          <SectionTitle>
            <Trans>Security</Trans>
          </SectionTitle>
          <Card className="divide-y divide-line overflow-hidden">
            <ActionRow icon={PencilLine} onClick={() => setOpen('name')}>
              <Trans>Change name</Trans>
            </ActionRow>
            <ActionRow icon={KeyRound} onClick={() => setOpen('password')}>
              <Trans>Change password</Trans>
            </ActionRow>
            <ActionRow icon={LockKeyhole} onClick={() => setOpen('pin')}>
              <Trans>Change or reset PIN</Trans>
            </ActionRow>
            <LinkRow icon={MonitorSmartphone} to="/account/sessions">
              <Trans>Signed-in devices</Trans>
            </LinkRow>
          </Card>
          <Limits />
        </div>
        <div className="min-w-0 rail:-mt-7">
          <SectionTitle>
            <Trans>Language</Trans>
          </SectionTitle>
          <LanguageChoice />
          <SectionTitle>
            <Trans>Theme</Trans>
          </SectionTitle>
          <ThemeChoice />
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
            <ActionRow icon={UserRoundX} onClick={() => setOpen('closure')}>
              <Trans>Close my account</Trans>
            </ActionRow>
          </Card>
          <SignOutButton />
        </div>
      </div>
      <Sheet title={t`Change name`} open={open === 'name'} onClose={close}>
        <NameForm onDone={close} />
      </Sheet>
      <Sheet title={t`Change password`} open={open === 'password'} onClose={close}>
        <PasswordForm onDone={close} />
      </Sheet>
      <Sheet title={t`Change or reset PIN`} open={open === 'pin'} onClose={close}>
        <PinForm onDone={close} />
      </Sheet>
      <Sheet title={t`Close my account`} open={open === 'closure'} onClose={close}>
        <ClosureForm />
      </Sheet>
    </Page>
  )
}

function Profile() {
  const { data: me } = useQuery(meQuery)
  const { data: wallet } = useQuery(walletQuery)
  return (
    <Card className="flex items-center gap-4 p-5">
      <Avatar name={me?.full_name ?? ' '} seed={me?.id ?? ''} size="lg" />
      <div className="min-w-0">
        {me ? <p className="truncate text-lg font-bold">{me.full_name}</p> : <Skeleton className="h-6 w-40" />}
        {me ? <p className="truncate text-ink3">@{me.username}</p> : <Skeleton className="mt-1 h-5 w-24" />}
        {wallet && <p className="money text-sm text-ink3">{groupAccountNumber(wallet.account_number)}</p>}
      </div>
    </Card>
  )
}

const ROW = 'flex min-h-14 w-full items-center gap-3.5 px-4 text-left font-medium transition-colors duration-150 hover:bg-sunken'

function ActionRow({ icon: Icon, onClick, children }: { icon: LucideIcon; onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className={ROW} onClick={onClick}>
      <Icon className="size-5 text-primary" aria-hidden="true" />
      <span className="min-w-0 grow">{children}</span>
      <ChevronRight className="size-5 text-ink3" aria-hidden="true" />
    </button>
  )
}

function LinkRow({ icon: Icon, to, children }: { icon: LucideIcon; to: '/account/sessions' | '/statements' | '/docs'; children: ReactNode }) {
  return (
    <Link to={to} className={ROW}>
      <Icon className="size-5 text-primary" aria-hidden="true" />
      <span className="min-w-0 grow">{children}</span>
      <ChevronRight className="size-5 text-ink3" aria-hidden="true" />
    </Link>
  )
}

function SignOutButton() {
  const [busy, setBusy] = useState(false)
  const leave = () => {
    setBusy(true)
    void signOut()
  }
  return (
    <Button look="danger" size="lg" className="mt-6" busy={busy} icon={<LogOut className="size-5" aria-hidden="true" />} onClick={leave}>
      <Trans>Sign out</Trans>
    </Button>
  )
}
