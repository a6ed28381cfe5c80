import { Trans } from '@lingui/react/macro'

/** Off by default: a shared phone is common, and the session then ends after half an hour of rest. */
export function KeepSignedIn() {
  return (
    <label className="-my-2 flex min-h-11 cursor-pointer items-center gap-3 text-sm text-ink2">
      <input type="checkbox" name="keep" className="size-5 accent-primary" />
      <Trans>Keep me signed in on this device</Trans>
    </label>
  )
}
