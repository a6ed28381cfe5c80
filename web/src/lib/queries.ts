/** What the screens read from the API, and how often each is asked again. */
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query'
import { activity } from './activity.ts'
import { api, take, type Schemas } from './api.ts'
import { outgoing } from './outgoing.ts'
import { ConnectionError, ProblemError } from './problem.ts'
import { session } from './session.ts'
import { storage } from './storage.ts'

export type Wallet = Schemas['Wallet']
export type Entry = Schemas['Entry']
export type Account = Schemas['Account']
export type Receipt = Schemas['Receipt']
export type Limits = Schemas['Limits']
export type TopUp = Schemas['TopUp']
export type Summary = Schemas['Summary']
export type Notification = Schemas['Notification']

/** Other devices' movements show within two seconds while somebody looks. */
const WALLET_BUSY_MS = 1_500
/** Nobody has touched the page for a quarter of an hour: it may be a little late. */
const WALLET_IDLE_MS = 10_000
const INBOX_MS = 15_000

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) => count < 2 && isPassing(error),
      retryDelay: (count) => 400 * 2 ** count,
      networkMode: 'always',
      // Off by default in that mode: what failed without a connection would wait for a tap.
      refetchOnReconnect: true,
    },
    mutations: { networkMode: 'always' },
  },
})

/** Errors that the next try may not meet. */
function isPassing(error: unknown): boolean {
  return (error instanceof ConnectionError && navigator.onLine) || (error instanceof ProblemError && error.status >= 500)
}

session.onEnd(() => {
  walletTag = null
  queryClient.clear()
})
outgoing.onArrival(refreshMoney)

/** Asks again for everything that a movement of money changes. */
export function refreshMoney() {
  refresh('wallet', 'account')
  refreshAroundWallet()
}

let walletTag: string | null = null

/** Asks with the ETag of the wallet in hand: an unchanged one costs no body. A sign-out aborts it, so that it stores nothing after. */
async function fetchWallet({ signal }: { signal: AbortSignal }): Promise<Wallet> {
  const held = queryClient.getQueryData<Wallet>(['wallet'])
  const call = await api.GET('/v1/wallet', {
    params: { header: held && walletTag ? { 'If-None-Match': walletTag } : {} },
    signal,
  })
  if (call.response.status === 304 && held) return held
  const wallet = await take(Promise.resolve(call))
  walletTag = call.response.headers.get('ETag')
  storage.set('last-wallet', JSON.stringify({ wallet, at: Date.now() }))
  if (held && held.version !== wallet.version) queueMicrotask(refreshAroundWallet)
  return wallet
}

/** A receipt is among it: its transfer may have been given back. */
function refreshAroundWallet() {
  activity.touch()
  refresh('entries', 'limits', 'recipients', 'notifications', 'summary', 'transfer')
}

function refresh(...names: string[]) {
  for (const name of names) void queryClient.invalidateQueries({ queryKey: [name] })
}

/** The balance as it was last heard, for a page without a connection. */
function storedWallet(): { wallet: Wallet; at: number } | undefined {
  try {
    return JSON.parse(storage.get('last-wallet') ?? '') as { wallet: Wallet; at: number }
  } catch {
    return undefined
  }
}

export const walletQuery = queryOptions({
  queryKey: ['wallet'],
  queryFn: fetchWallet,
  staleTime: 1_000,
  refetchInterval: () => (activity.isIdle() ? WALLET_IDLE_MS : WALLET_BUSY_MS),
  initialData: () => storedWallet()?.wallet,
  initialDataUpdatedAt: () => storedWallet()?.at,
})

export interface EntryFilter {
  from?: string | undefined
  to?: string | undefined
  direction?: 'in' | 'out' | undefined
  kind?: 'transfer' | 'topup' | 'reversal' | undefined
  q?: string | undefined
}

const PAGE_ENTRIES = 30

export function entriesQuery(filter: EntryFilter, limit = PAGE_ENTRIES) {
  return infiniteQueryOptions({
    queryKey: ['entries', filter, limit],
    queryFn: ({ pageParam, signal }) =>
      take(api.GET('/v1/wallet/entries', { params: { query: { ...filter, limit, ...(pageParam && { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor,
  })
}

export const recentEntriesQuery = queryOptions({
  queryKey: ['entries', 'recent'],
  queryFn: ({ signal }) => take(api.GET('/v1/wallet/entries', { params: { query: { limit: 6 } }, signal })),
})

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => take(api.GET('/v1/me', { signal })),
  staleTime: 300_000,
})

export const limitsQuery = queryOptions({
  queryKey: ['limits'],
  queryFn: ({ signal }) => take(api.GET('/v1/wallet/limits', { signal })),
})

export const recipientsQuery = queryOptions({
  queryKey: ['recipients'],
  queryFn: ({ signal }) => take(api.GET('/v1/wallet/recipients', { signal })),
})

/** The name check: what the server says about an account number. */
export function accountQuery(number: string) {
  return queryOptions({
    queryKey: ['account', number],
    queryFn: ({ signal }) =>
      take(api.GET('/v1/accounts/{account_number}', { params: { path: { account_number: number } }, signal })),
    staleTime: 60_000,
  })
}

export function transferQuery(id: string) {
  return queryOptions({
    queryKey: ['transfer', id],
    queryFn: ({ signal }) => take(api.GET('/v1/transfers/{id}', { params: { path: { id } }, signal })),
    staleTime: Infinity,
  })
}

/** How many notices are unread; the bell asks for no more than that. */
export const unreadQuery = queryOptions({
  queryKey: ['notifications', 'unread'],
  queryFn: ({ signal }) => take(api.GET('/v1/notifications', { params: { query: { limit: 1 } }, signal })),
  select: (page) => page.unread_count,
  refetchInterval: INBOX_MS,
})

export const inboxQuery = infiniteQueryOptions({
  queryKey: ['notifications', 'list'],
  queryFn: ({ pageParam, signal }) =>
    take(api.GET('/v1/notifications', { params: { query: { limit: 20, ...(pageParam && { cursor: pageParam }) } }, signal })),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: INBOX_MS,
})
