import { Trans, useLingui } from '@lingui/react/macro'
import { useNavigate } from '@tanstack/react-router'
import { ClipboardPaste, ImageUp } from 'lucide-react'
import { useCallback, useRef, useState, type ChangeEvent, type FormEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Page } from '@/components/ui/page.tsx'
import { Sheet } from '@/components/ui/sheet.tsx'
import { TextField } from '@/components/ui/text-field.tsx'
import { useFormCheck } from '@/components/ui/use-form-check.ts'
import { formText } from '@/lib/form.ts'
import { CameraView } from './camera-view.tsx'
import { openDecoder } from './decoder.ts'
import { readText, type Reading } from './reading.ts'
import { RefusedReading } from './refused-reading.tsx'

type Refused = Exclude<Reading, { kind: 'account' | 'topup' }>

/** Scan by camera, from a picture, or by pasting. */
export function ScanPage() {
  const { t } = useLingui()
  const { refused, setRefused, take } = useReading()
  const [pasting, setPasting] = useState(false)
  return (
    <Page kind="flow" title={t`Scan`} backTo="/home">
      <CameraView onCode={take} paused={refused !== null || pasting} />
      <p className="mt-4 text-center text-sm text-ink3">
        <Trans>Codes of E-Wallet Lite: to pay a person, or to pay somebody's top-up.</Trans>
      </p>
      <div className="mt-auto grid grid-cols-2 gap-3 pt-6">
        <PictureButton onRead={(text) => (text === null ? setRefused({ kind: 'unknown' }) : take(text))} />
        <Button look="secondary" icon={<ClipboardPaste className="size-5" aria-hidden="true" />} onClick={() => setPasting(true)}>
          <Trans>Paste</Trans>
        </Button>
      </div>
      <Sheet title={t`Paste a code`} open={pasting} onClose={() => setPasting(false)}>
        <PasteForm
          onText={(text) => {
            setPasting(false)
            take(text)
          }}
        />
      </Sheet>
      <Sheet title={t`This code cannot be used`} open={refused !== null} onClose={() => setRefused(null)}>
        {refused && <RefusedReading reading={refused} onAgain={() => setRefused(null)} />}
      </Sheet>
    </Page>
  )
}

/** Leads to where a code belongs, or keeps why it belongs nowhere. */
function useReading() {
  const navigate = useNavigate()
  const [refused, setRefused] = useState<Refused | null>(null)
  const take = useCallback(
    (text: string) => {
      const reading = readText(text)
      if (reading.kind === 'account') void navigate({ to: '/send', search: { to: reading.account, amount: reading.amount }, replace: true })
      else if (reading.kind === 'topup') void navigate({ to: '/pay/$token', params: { token: reading.token }, replace: true })
      else setRefused(reading)
    },
    [navigate],
  )
  return { refused, setRefused, take }
}

function PictureButton({ onRead }: { onRead: (text: string | null) => void }) {
  const { t } = useLingui()
  const input = useRef<HTMLInputElement>(null)
  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0]
    event.target.value = ''
    if (file) onRead(await decodePicture(file))
  }
  return (
    <>
      <input ref={input} type="file" accept="image/*" className="sr-only" tabIndex={-1} aria-label={t`Picture of a code`} onChange={(event) => void read(event)} />
      <Button look="secondary" icon={<ImageUp className="size-5" aria-hidden="true" />} onClick={() => input.current?.click()}>
        <Trans>Picture</Trans>
      </Button>
    </>
  )
}

async function decodePicture(file: File): Promise<string | null> {
  const decoder = await openDecoder()
  try {
    const picture = await createImageBitmap(file)
    return await decoder.decode(picture, picture.width, picture.height)
  } catch {
    return null
  } finally {
    decoder.close()
  }
}

function PasteForm({ onText }: { onText: (text: string) => void }) {
  const { t } = useLingui()
  const { errors, check } = useFormCheck()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!check(event.currentTarget)) return
    const text = formText(new FormData(event.currentTarget), 'text').trim()
    if (text) onText(text)
  }
  return (
    <form noValidate onSubmit={submit} className="grid gap-5 pt-2">
      <TextField label={t`Code, link or account number`} name="text" autoComplete="off" spellCheck={false} maxLength={600} required error={errors.text} />
      <Button type="submit" size="lg">
        <Trans>Continue</Trans>
      </Button>
    </form>
  )
}
