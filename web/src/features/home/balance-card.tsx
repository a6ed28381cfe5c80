import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Copy, Eye, EyeOff, Lock } from 'lucide-react'
import { AsOf } from '@/components/as-of.tsx'
import { toast } from '@/components/ui/toast.tsx'
import { copyText } from '@/lib/clipboard.ts'
import { useHiddenBalance } from '@/lib/hidden-balance.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatRupiah, groupAccountNumber } from '@/lib/money.ts'
import { problemSentence } from '@/lib/problem-words.ts'
import { walletQuery, type Wallet } from '@/lib/queries.ts'

/** What the wallet holds. A balance that could not be asked for again says when it was true. */
export function BalanceCard() {
  const wallet = useQuery(walletQuery)
  return (
    <section className="kawung relative isolate overflow-hidden rounded-xl p-5 text-white shadow-card">
      <div className="relative z-10">
        <Balance wallet={wallet.data} failed={wallet.error !== null} />
        <p className="min-h-5 text-sm text-white/85">
          {wallet.data ? <AsOf at={wallet.dataUpdatedAt} /> : wallet.error && problemSentence(wallet.error)}
        </p>
        <AccountNumber wallet={wallet.data} />
      </div>
    </section>
  )
}

function Balance({ wallet, failed }: { wallet: Wallet | undefined; failed: boolean }) {
  const { t } = useLingui()
  const locale = useLocale()
  const [hidden, toggle] = useHiddenBalance()
  return (
    <>
      <div className="flex items-center justify-between">
        <h2 className="text-sm font-medium text-white/85">
          <Trans>Balance</Trans>
        </h2>
        <button
          type="button"
          onClick={toggle}
          aria-pressed={hidden}
          aria-label={t`Hide balance`}
          title={t`Hide balance`}
          className="-my-2 -mr-2 grid size-11 place-items-center rounded-full transition-colors duration-150 hover:bg-white/10 focus-visible:outline-white"
        >
          {hidden ? <EyeOff className="size-5" /> : <Eye className="size-5" />}
        </button>
      </div>
      <p data-testid="balance" className="money mt-1 min-h-10 text-[clamp(1.75rem,9vw,2.25rem)] leading-10 font-extrabold tracking-[-0.02em]">
        {wallet ? (
          hidden ? (
            <span aria-label={t`Balance hidden`}>Rp ••••••</span>
          ) : (
            formatRupiah(wallet.balance, locale)
          )
        ) : failed ? (
          '—'
        ) : (
          <span role="status" aria-label={t`Loading`} className="inline-block h-8 w-48 animate-shimmer rounded-sm bg-white/25" />
        )}
      </p>
    </>
  )
}

function AccountNumber({ wallet }: { wallet: Wallet | undefined }) {
  const { t } = useLingui()
  const copy = async (number: string) => {
    if (await copyText(number)) toast(t`Account number copied`)
  }
  return (
    <div className="mt-3 flex min-h-11 flex-wrap items-center justify-between gap-x-3">
      {wallet && (
        <button
          type="button"
          onClick={() => void copy(wallet.account_number)}
          className="money -ml-3 inline-flex min-h-11 items-center gap-2 rounded-md px-3 font-semibold tracking-wide transition-colors duration-150 hover:bg-white/10 focus-visible:outline-white"
        >
          <span className="sr-only">{t`Copy account number`} </span>
          {groupAccountNumber(wallet.account_number)}
          <Copy className="size-4" aria-hidden="true" />
        </button>
      )}
      {wallet && wallet.status !== 'active' && (
        <p className="inline-flex items-center gap-1.5 rounded-full bg-white/15 px-3 py-1 text-sm font-semibold">
          <Lock className="size-4" aria-hidden="true" />
          {wallet.status === 'frozen' ? <Trans>Frozen</Trans> : <Trans>Closed</Trans>}
        </p>
      )}
    </div>
  )
}
