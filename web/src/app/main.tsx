import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { startTransition, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startLocale } from '@/lib/locale.ts'
import { queryClient } from '@/lib/queries.ts'
import '@/lib/theme.ts'
import { router } from './router.tsx'
import { registerWorker } from './worker.ts'

/** Not at the module's top level: a screen's code imports this module, and would wait for it to end. */
async function start() {
  await startLocale()
  await router.load()
  // The page is known, so it is drawn once; and as a transition, so in slices that leave a cheap phone room to answer a touch.
  startTransition(() => createRoot(document.getElementById('root')!).render(<App />))
}

function App() {
  return (
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </I18nProvider>
    </StrictMode>
  )
}

void start()

// After the first paint has had the network to itself.
addEventListener('load', () => void registerWorker())
