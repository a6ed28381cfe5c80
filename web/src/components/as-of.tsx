import { Trans } from '@lingui/react/macro'
import { toServerTime, useNow } from '@/lib/clock.ts'
import { useLocale } from '@/lib/locale.ts'
import { formatTime } from '@/lib/time.ts'

/** Silent while the balance is fresh. */
const STALE_AFTER_MS = 20_000

/** When the balance was true, where it could not be asked for since; `at` is by this device's clock. */
export function AsOf({ at }: { at: number }) {
  const locale = useLocale()
  const heardAt = toServerTime(at)
  if (useNow() - heardAt <= STALE_AFTER_MS) return null
  const time = formatTime(heardAt, 'stamp', locale)
  return <Trans>As of {time} WIB</Trans>
}
