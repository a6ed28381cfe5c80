import { lazy, Suspense } from 'react'
import { HomePage } from '@/features/home/home-page.tsx'
import { useInstallable } from '@/lib/install.ts'
import { wantCatalog } from '@/lib/locale.ts'
import { storage } from '@/lib/storage.ts'

const InstallCard = lazy(async () => {
  const [{ InstallCard }] = await Promise.all([import('@/features/install/install-card.tsx'), wantCatalog('install')])
  return { default: InstallCard }
})

/** Home, with the offer to install the app where the browser can and the person has not declined. */
export function HomeRoute() {
  const offers = useInstallable() && storage.get('install') === null
  return <HomePage>{offers && <Suspense><InstallCard /></Suspense>}</HomePage>
}
