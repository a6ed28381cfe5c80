/** Starting a top-up, and watching it until it is settled. */
import { queryOptions } from '@tanstack/react-query'
import { api, take } from '@/lib/api.ts'
import { newId } from '@/lib/ids.ts'
import { ProblemError } from '@/lib/problem.ts'
import { queryClient, refreshMoney, type TopUp } from '@/lib/queries.ts'
import { storage } from '@/lib/storage.ts'

/** The page turns green within a second or two of the payer's confirmation. */
const POLL_MS = 1_000

export function isWaiting(status: TopUp['status']): boolean {
  return status === 'pending' || status === 'paid'
}

/**
 * Creates a top-up under an id that is stored first: when the answer is lost, the
 * next try with the same amount asks for the same code, and not for a second one.
 */
export async function createTopUp(amount: number): Promise<TopUp> {
  const id = storedId(amount) ?? newId()
  storage.set('topup', JSON.stringify({ id, amount }))
  try {
    const topUp = await take(api.POST('/v1/topups', { params: { header: { 'Idempotency-Key': id } }, body: { amount } }))
    queryClient.setQueryData(['topup', id], topUp)
    storage.set('topup', null)
    return topUp
  } catch (error) {
    const answered = error instanceof ProblemError && error.status < 500 && error.slug !== 'request-in-progress'
    if (answered) storage.set('topup', null)
    throw error
  }
}

function storedId(amount: number): string | null {
  try {
    const stored = JSON.parse(storage.get('topup') ?? '') as { id: string; amount: number }
    return stored.amount === amount ? stored.id : null
  } catch {
    return null
  }
}

const tags = new Map<string, string>()

async function fetchTopUp(id: string): Promise<TopUp> {
  const held = queryClient.getQueryData<TopUp>(['topup', id])
  const tag = tags.get(id)
  const call = await api.GET('/v1/topups/{id}', {
    params: { path: { id }, header: held && tag ? { 'If-None-Match': tag } : {} },
  })
  if (call.response.status === 304 && held) return held
  const topUp = await take(Promise.resolve(call))
  const etag = call.response.headers.get('ETag')
  if (etag !== null) tags.set(id, etag)
  if (held && held.status !== 'settled' && topUp.status === 'settled') refreshMoney()
  return topUp
}

export function topUpQuery(id: string) {
  return queryOptions({
    queryKey: ['topup', id],
    queryFn: () => fetchTopUp(id),
    staleTime: 0,
    refetchInterval: (query) => (query.state.data && isWaiting(query.state.data.status) ? POLL_MS : false),
  })
}

export const waitingTopUpsQuery = queryOptions({
  queryKey: ['topups'],
  queryFn: ({ signal }) => take(api.GET('/v1/topups', { params: { query: { limit: 10 } }, signal })),
  select: (page) => page.items.filter((topUp) => topUp.status === 'pending'),
  staleTime: 0,
})

export function cancelTopUp(id: string): Promise<TopUp> {
  return take(api.POST('/v1/topups/{id}/cancel', { params: { path: { id } } }))
}
