import { Trans } from '@lingui/react/macro'
import { Outlet, useRouter } from '@tanstack/react-router'
import { CloudOff } from 'lucide-react'
import { useEffect } from 'react'
import { Toaster } from '@/components/ui/toast.tsx'
import { useLocale } from '@/lib/locale.ts'
import { useOnline } from '@/lib/online.ts'
import { outgoing } from '@/lib/outgoing.ts'
import { session } from '@/lib/session.ts'
import { storage } from '@/lib/storage.ts'
import { UpdatePrompt } from './update-prompt.tsx'

/** What stands around every page: the offline line, short messages, the update prompt. */
export function Root() {
  useSessionGuard()
  usePush()
  return (
    <div className="flex min-h-dvh flex-col">
      <a href="#main" className="fixed top-2 left-2 z-50 -translate-y-20 rounded-md bg-surface px-4 py-3 font-semibold text-primary focus:translate-y-0">
        <Trans>Skip to content</Trans>
      </a>
      <OfflineLine />
      <Outlet />
      <UpdatePrompt />
      <Toaster />
    </div>
  )
}

// A session is heard here and not drawn: the page looks the same until data arrives.
session.subscribe(() => {
  if (session.status() === 'in') outgoing.resume()
})

/**
 * Where a session begins or ends, in this tab or another, the route guards decide anew. Whom they have let in
 * already is not drawn again, and while the first page is loaded they are left alone: they are asked at its mount.
 */
function useSessionGuard() {
  const router = useRouter()
  useEffect(() => {
    const decide = () => {
      const inside = router.state.matches.some((match) => match.routeId === '/signed-in')
      if (session.status() === (inside ? 'out' : 'in')) void router.invalidate()
    }
    decide()
    return session.subscribe(decide)
  }, [router])
}

/** The device of a session is told what moves, in the language that is spoken now. */
function usePush() {
  const locale = useLocale()
  useEffect(() => {
    const renew = () => {
      if (session.status() === 'in') withPush('renewPush')
    }
    renew()
    return session.subscribe(renew)
  }, [locale])
}

// A browser must not go on being told what concerns the last person.
session.onEnd(() => withPush('dropPush'))

/** Without a connection, or without us, a sign-out was known here alone. */
function settleSignOut() {
  if (storage.get('sign-out') !== null) session.settle(import('@/lib/sign-out.ts').then((late) => late.settleSignOut()))
}

settleSignOut()
addEventListener('online', settleSignOut)

function withPush(what: 'renewPush' | 'dropPush') {
  if (storage.get('push') !== null) void import('@/lib/push.ts').then((push) => push[what]()).catch(() => undefined)
}

function OfflineLine() {
  const online = useOnline()
  return (
    <div role="status">
      {!online && (
        <p className="flex items-center justify-center gap-2 bg-warn-soft px-5 py-2 text-sm font-medium text-warn">
          <CloudOff className="size-4 shrink-0" aria-hidden="true" />
          <Trans>You are offline. Sending and topping up wait until you are back.</Trans>
        </p>
      )}
    </div>
  )
}
