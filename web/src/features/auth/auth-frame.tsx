import { Trans } from '@lingui/react/macro'
import { useRef, type ReactNode } from 'react'
import { LanguageChoice, ThemeChoice } from '@/components/preferences.tsx'
import { useFocusOnArrival } from '@/components/ui/page.tsx'

/** The frame of signing in and registering: the form beside the house's pattern. */
export function AuthFrame({ title, children }: { title: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useFocusOnArrival(heading)
  return (
    <div className="grid grow rail:grid-cols-2">
      <div className="kawung relative hidden overflow-hidden p-12 text-white rail:flex rail:flex-col rail:justify-between">
        <p className="relative z-10 flex items-center gap-3 text-lg font-extrabold">
          <img src="/icon.svg" alt="" width="40" height="40" />
          E-Wallet Lite
        </p>
        <p className="relative z-10 max-w-90 text-2xl">
          <Trans>Money that arrives, and a history you can trust.</Trans>
        </p>
      </div>
      <main id="main" className="mx-auto flex w-full max-w-110 min-w-0 flex-col px-5 py-6">
        <title>{`${title} · E-Wallet Lite`}</title>
        <p className="mb-8 flex items-center gap-2.5 text-base font-extrabold rail:hidden">
          <img src="/icon.svg" alt="" width="36" height="36" />
          E-Wallet Lite
        </p>
        <h1 ref={heading} tabIndex={-1} className="mt-2 text-2xl rail:mt-auto">{title}</h1>
        {children}
        <div className="mt-auto grid gap-2 pt-10">
          <LanguageChoice />
          <ThemeChoice />
        </div>
      </main>
    </div>
  )
}
