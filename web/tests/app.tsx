/** The whole app at an address, against a server of plain answers. */
import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { render } from '@testing-library/react'
import { vi } from 'vitest'
import { router } from '@/app/router.tsx'
import { chooseLocale } from '@/lib/locale.ts'
import { queryClient } from '@/lib/queries.ts'
import { session } from '@/lib/session.ts'

/** What the server says to `GET /v1/wallet` and so on: a body, or a problem's status, or what makes either. */
export type Answers = Record<string, Answer | (() => Answer | Promise<Answer>)>
type Answer = object | number

export const WALLET = { account_number: '576174676428', balance: 50_000, currency: 'IDR', status: 'active', version: 1, updated_at: '2026-11-01T03:00:00Z' }
export const ME = { id: 'user-1', username: 'dewi', full_name: 'Dewi Lestari', created_at: '2026-11-01T03:00:00Z' }
const LIMITS = { per_transfer_amount: 10_000_000, daily_out_amount: 20_000_000, daily_out_used_amount: 0, resets_at: '2026-11-02T17:00:00Z', balance_max: 20_000_000, top_up_min_amount: 10_000, top_up_max_amount: 10_000_000, top_up_pending_max: 5 }
export const GRANTED = { access_token: `x.${btoa(JSON.stringify({ sub: 'user-1' }))}.x`, expires_in: 600 }

const USUAL: Answers = {
  'GET /v1/wallet': WALLET,
  'GET /v1/me': ME,
  'GET /v1/wallet/entries': { items: [], next_cursor: null },
  'GET /v1/wallet/recipients': { items: [] },
  'GET /v1/wallet/limits': LIMITS,
  'GET /v1/notifications': { items: [], unread_count: 0, next_cursor: null },
}

interface Options {
  signedIn?: boolean
  /** What an earlier page has kept. */
  stored?: Record<string, unknown>
}

/** Opens the app for somebody who is signed in, or for nobody; whatever is not answered is away. */
export async function openApp(path: string, answers: Answers = {}, { signedIn = true, stored = {} }: Options = {}) {
  const all = { ...USUAL, ...answers }
  vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
    const answer = all[`${init.method ?? 'GET'} ${address.split('?')[0]}`] ?? 503
    const said = typeof answer === 'function' ? await (answer as () => Answer | Promise<Answer>)() : answer
    return typeof said === 'number' ? problem(said) : new Response(JSON.stringify(said), { status: 200 })
  })
  session.end()
  queryClient.clear()
  queryClient.setDefaultOptions({ queries: { ...queryClient.getDefaultOptions().queries, retry: false } })
  if (signedIn) session.begin(GRANTED)
  for (const [key, value] of Object.entries(stored)) localStorage.setItem(`ewl.${key}`, JSON.stringify(value))
  await chooseLocale('en')
  await router.navigate({ href: path, replace: true })
  render(
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </I18nProvider>,
  )
}

function problem(status: number): Response {
  return new Response(JSON.stringify({ type: `/problems/${status === 404 ? 'not-found' : 'unavailable'}`, status }), { status })
}
