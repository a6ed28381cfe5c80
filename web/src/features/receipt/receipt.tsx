import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check, Copy, Download, Plus, Share2, Undo2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, buttonClass, IconButton } from '@/components/ui/button.tsx'
import { Card } from '@/components/ui/page.tsx'
import { toast } from '@/components/ui/toast.tsx'
import { copyText } from '@/lib/clipboard.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah } from '@/lib/money.ts'
import { meQuery, type Receipt as ReceiptData } from '@/lib/queries.ts'
import { downloadFile, shareImage } from '@/lib/share.ts'
import { amountInWords } from '@/lib/terbilang.ts'
import { formatTime } from '@/lib/time.ts'
import { drawReceipt } from './receipt-image.ts'
import { useReceiptLines, useReceiptTitle, type Line } from './receipt-lines.ts'

/** A receipt that looks the same today and in a year. `fresh` marks the one that was sent just now. */
export function Receipt({ transfer, fresh }: { transfer: ReceiptData; fresh: boolean }) {
  const locale = useLocale()
  const { data: me } = useQuery(meQuery)
  const incoming = transfer.direction === 'in'
  const lines = useReceiptLines(transfer, incoming, me?.full_name)
  const title = useReceiptTitle(transfer)
  const amount = formatRupiah(incoming ? transfer.amount : -transfer.amount, locale, 'always')
  return (
    <div className="flex grow flex-col">
      <Head transfer={transfer} title={title} fresh={fresh} amount={amount} />
      <Card className="divide-y divide-line">
        {lines.map((line) => (
          <LineRow key={line.key} line={line} />
        ))}
      </Card>
      <div className="mt-auto grid gap-3 pt-6">
        <ShareButtons transfer={transfer} title={title} amount={amount} lines={lines} />
        {!incoming && transfer.kind === 'transfer' && transfer.reversed_by_id === null && transfer.to_account !== null && (
          <Link to="/send" search={{ to: transfer.to_account, amount: transfer.amount, note: transfer.note || undefined }} className={buttonClass('secondary', 'lg')}>
            <Trans>Send again</Trans>
          </Link>
        )}
        <Link to="/home" className={buttonClass(fresh ? 'primary' : 'quiet', 'lg')}>
          <Trans>Done</Trans>
        </Link>
      </div>
    </div>
  )
}

function Head({ transfer, title, fresh, amount }: { transfer: ReceiptData; title: string; fresh: boolean; amount: string }) {
  const locale = useLocale()
  const incoming = transfer.direction === 'in'
  const returned = transfer.reversed_by_id !== null
  const icon = returned || transfer.kind === 'reversal' ? <Undo2 /> : transfer.kind === 'topup' ? <Plus /> : <Check />
  return (
    <div role={fresh ? 'status' : undefined} className="grid justify-items-center gap-1 py-6 text-center">
      <span className={`mb-3 grid size-18 place-items-center rounded-full ${returned ? 'bg-warn-soft text-warn' : 'bg-gain-soft text-gain'} [&>svg]:size-8 ${fresh ? 'animate-pop' : ''}`} aria-hidden="true">
        {icon}
      </span>
      <h2 className={`font-semibold ${returned ? 'text-warn' : 'text-gain'}`}>{title}</h2>
      <p className={`money text-[clamp(1.625rem,8.5vw,2.25rem)] leading-10 font-extrabold tracking-[-0.02em] ${incoming ? 'text-gain' : 'text-ink'}`}>{amount}</p>
      <p className="max-w-96 text-sm text-ink3 first-letter:uppercase">{amountInWords(transfer.amount, locale)}</p>
      <p className="sr-only">{formatTime(transfer.posted_at, 'seconds', locale)} WIB</p>
    </div>
  )
}

function LineRow({ line }: { line: Line }) {
  return (
    <div className="flex min-h-13 items-center justify-between gap-4 px-4 py-2.5">
      <span className="shrink-0 text-sm text-ink3">{line.name}</span>
      <span className="min-w-0 text-right text-sm font-semibold">
        {line.transfer ? <TransferLink id={line.transfer} /> : line.value}
        {line.detail && <span className="money block font-normal text-ink3">{line.detail}</span>}
      </span>
      {line.copy && <CopyButton text={line.copy} />}
    </div>
  )
}

function TransferLink({ id }: { id: string }) {
  return (
    <Link to="/tx/$id" params={{ id }} className="-my-2.5 inline-flex min-h-11 items-center text-primary underline underline-offset-4">
      {id}
    </Link>
  )
}

function CopyButton({ text }: { text: string }) {
  const { t } = useLingui()
  const copy = async () => {
    if (await copyText(text)) toast(t`Copied`)
  }
  return (
    <IconButton label={t`Copy`} onClick={() => void copy()} className="-my-2 -mr-3 -ml-3">
      <Copy className="size-4.5" />
    </IconButton>
  )
}

function ShareButtons({ transfer, title, amount, lines }: { transfer: ReceiptData; title: string; amount: string; lines: Line[] }): ReactNode {
  const { t } = useLingui()
  const locale = useLocale()
  const words = amountInWords(transfer.amount, locale)
  const name = `e-wallet-${transfer.id}.png`
  const draw = (use: (image: Blob) => void) => {
    drawReceipt({ title, amount, words, lines: lines.filter((line) => !line.mine) })
      .then(use)
      .catch(() => toast(t`The picture could not be made.`))
  }
  return (
    <div className="grid grid-cols-2 gap-3">
      <Button look="secondary" icon={<Share2 className="size-5" aria-hidden="true" />} onClick={() => draw((image) => void shareImage(image, name, t`Receipt`))}>
        <Trans>Share</Trans>
      </Button>
      <Button look="secondary" icon={<Download className="size-5" aria-hidden="true" />} onClick={() => draw((image) => downloadFile(image, name))}>
        <Trans>Save</Trans>
      </Button>
    </div>
  )
}
