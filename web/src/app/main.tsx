import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startLocale } from '@/lib/locale.ts'
import { queryClient } from '@/lib/queries.ts'
import '@/lib/theme.ts'
import { router } from './router.tsx'
import { registerWorker } from './worker.ts'

await startLocale()
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </I18nProvider>
  </StrictMode>,
)

// After the first paint has had the network to itself. The words waited for above may have outlasted that moment.
if (document.readyState === 'complete') void registerWorker()
else addEventListener('load', () => void registerWorker())
