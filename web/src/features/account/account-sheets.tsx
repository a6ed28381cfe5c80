import { useLingui } from '@lingui/react/macro'
import { Sheet } from '@/components/ui/sheet.tsx'
import { ClosureForm } from './closure-form.tsx'
import { NameForm } from './name-form.tsx'
import { PasswordForm } from './password-form.tsx'
import { PinForm } from './pin-form.tsx'

export type SheetName = 'name' | 'password' | 'pin' | 'closure'

/** The forms of the account, one at a time. */
export function AccountSheets({ open, onClose }: { open: SheetName | null; onClose: () => void }) {
  const { t } = useLingui()
  return (
    <>
      <Sheet title={t`Change name`} open={open === 'name'} onClose={onClose}>
        <NameForm onDone={onClose} />
      </Sheet>
      <Sheet title={t`Change password`} open={open === 'password'} onClose={onClose}>
        <PasswordForm onDone={onClose} />
      </Sheet>
      <Sheet title={t`Change or reset PIN`} open={open === 'pin'} onClose={onClose}>
        <PinForm onDone={onClose} />
      </Sheet>
      <Sheet title={t`Close my account`} open={open === 'closure'} onClose={onClose}>
        <ClosureForm />
      </Sheet>
    </>
  )
}
