/**
 * Transfers on their way. The id of each is stored before anything is sent, and
 * every retry carries the same id, so that a lost answer, a double tap, a reload
 * or a second tab can never pay twice: the server moves money once per id.
 *
 *   sending ──▶ done      the receipt came
 *      │  ├───▶ refused   the server said no; nothing moved
 *      │  └───▶ unsent    it never arrived and its PIN proof has ended; ask for the PIN again
 *      ▼
 *   unknown ──▶ (retried with the same id until one of the above is true)
 *
 * A page that was reloaded has lost the proof, and the server refuses it while the first
 * request may still be on its way, so that refusal alone does not say that nothing moved:
 * only after the proof's end it does. Until then the PIN may be given again, for the same id.
 */
import { useSyncExternalStore } from 'react'
import { api, take, type Schemas } from './api.ts'
import { isProblem, ProblemError } from './problem.ts'
import { session } from './session.ts'
import { storage } from './storage.ts'
import { awaitTurn, takeTurn } from './turns.ts'

export interface Draft {
  id: string
  to_account: string
  payee_name: string
  amount: number
  note: string
}

export interface Outgoing extends Draft {
  user_id: string
  created_at: number
  /** Until when its proof may still move the money, in milliseconds by this device's clock. */
  provable_until: number
  state: 'sending' | 'unknown' | 'done' | 'refused' | 'unsent'
  problem?: { slug: string; members: Record<string, unknown> }
}

/** Kept this long after they ended, so that a reloaded result page still knows why. */
const KEEP_MS = 86_400_000
const KEEP_MAX = 20
const RETRY_MAX_MS = 10_000
/** A request whose proof was good at the last moment is answered, or given up by the database, within this. */
const LATE_MS = 30_000

/** Answers after which nobody can say yet whether the money moved. */
const UNDECIDED = ['request-in-progress', 'outcome-unknown', 'unavailable', 'internal', 'too-many-requests', 'unauthenticated']

let records: Outgoing[] = read()
const listeners = new Set<() => void>()
const proofs = new Map<string, string>()
/** The transfers that this tab is asking about, each with what ends the pause before its next try. */
const driven = new Map<string, () => void>()
const arrivals = new Set<(transfer: Schemas['Transfer']) => void>()

storage.onChange('outgoing', () => {
  reread()
  for (const { id } of myOpen()) if (!driven.has(id)) awaitTurn(turnOf(id), () => takeOver(id))
})
// A tab that comes to the front asks at once: the one whose turn it is may be frozen.
for (const name of ['visibilitychange', 'focus']) addEventListener(name, () => outgoing.resume())

export const outgoing = {
  find: (id: string): Outgoing | undefined => records.find((record) => record.id === id),

  /** Stores the transfer, then sends it until its outcome is known. */
  send(draft: Draft, { proof, expires_in: seconds }: Schemas['PinProof']): Promise<void> {
    const now = Date.now()
    proofs.set(draft.id, proof)
    save({ ...draft, user_id: session.userId() ?? '', created_at: now, provable_until: now + seconds * 1000 + LATE_MS, state: 'sending' })
    driven.get(draft.id)?.()
    return drive(draft.id)
  },

  /** Takes up what an earlier page, or a crash, left undecided; a hidden tab leaves that to one that is seen. */
  resume() {
    if (!document.hidden) for (const { id } of myOpen()) void drive(id)
  },

  /** Called with each receipt that arrives in this tab. */
  onArrival(listener: (transfer: Schemas['Transfer']) => void) {
    arrivals.add(listener)
  },
}

export function useOutgoing(id: string): Outgoing | undefined {
  return useSyncExternalStore(subscribe, () => outgoing.find(id))
}

/** The transfers whose outcome is not known yet. */
export function useOpenOutgoing(): Outgoing[] {
  return myOpen(useSyncExternalStore(subscribe, () => records))
}

/** While it is not known yet who is signed in, it is whoever was. */
function myOpen(all = records): Outgoing[] {
  return all.filter((record) => isOpen(record) && record.user_id === (session.userId() ?? record.user_id))
}

/** Whether this tab has lost the proof of an open transfer: the PIN may be given again, under the same id. */
export function isUnproven(record: Outgoing): boolean {
  return record.state === 'unknown' && !proofs.has(record.id)
}

export function isOpen(record: Outgoing): boolean {
  return record.state === 'sending' || record.state === 'unknown'
}

function drive(id: string): Promise<void> {
  if (driven.has(id)) return Promise.resolve()
  const known = ask(id)
  takeTurn(turnOf(id), known)
  return known
}

/** Whoever had the turn may have stored the outcome just before it ended. */
function takeOver(id: string): Promise<void> {
  reread()
  return ask(id)
}

function turnOf(id: string) {
  return `ewl.transfer.${id}`
}

async function ask(id: string): Promise<void> {
  if (driven.has(id)) return
  driven.set(id, () => undefined)
  try {
    for (let attempt = 0; ; attempt++) {
      const record = outgoing.find(id)
      if (!record || !isOpen(record) || (document.hidden && !proofs.has(id))) return
      const wait = await attemptOnce(record, attempt)
      if (wait === null) return
      await pause(id, wait)
    }
  } finally {
    driven.delete(id)
  }
}

/** Returns the milliseconds to wait before the next try, or null when the outcome is known. */
async function attemptOnce(record: Outgoing, attempt: number): Promise<number | null> {
  // No other request of this transfer can be on its way.
  const first = attempt === 0 && record.state === 'sending' && proofs.has(record.id)
  try {
    const transfer = await post(record)
    proofs.delete(record.id)
    // Its person may have signed out meanwhile: then nothing of it is kept.
    if (!outgoing.find(record.id)) return null
    save({ ...record, state: 'done' })
    for (const listener of arrivals) listener(transfer)
    return null
  } catch (error) {
    // Another tab may have learned the truth while this one was asking.
    const latest = outgoing.find(record.id)
    if (!latest || !isOpen(latest)) return null
    if (isFinal(error, latest, first)) return conclude(latest, error)
    save({ ...latest, state: 'unknown' })
    const asked = error instanceof ProblemError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
    return Math.min(RETRY_MAX_MS, Math.max(asked, 500 * 2 ** attempt))
  }
}

function post(record: Outgoing): Promise<Schemas['Transfer']> {
  const proof = proofs.get(record.id)
  return take(
    api.POST('/v1/transfers', {
      params: { header: { 'Idempotency-Key': record.id, ...(proof && { 'X-Pin-Proof': proof }) } },
      body: { to_account: record.to_account, amount: record.amount, note: record.note },
    }),
  )
}

/** A finished id is answered whatever its proof is: one that is refused for good has moved nothing. */
function conclude(record: Outgoing, error: ProblemError): null {
  proofs.delete(record.id)
  const { slug, members } = error
  save(slug === 'pin-proof-invalid' ? { ...record, state: 'unsent' } : { ...record, state: 'refused', problem: { slug, members: { ...members } } })
  return null
}

/** Only a problem that our own server wrote says what became of a transfer; whatever else broke, it may have moved. */
function isFinal(error: unknown, record: Outgoing, first: boolean): error is ProblemError {
  if (!isProblem(error) || error.text('type') === null) return false
  // Payments that are paused take nothing new, but an earlier try of this one may have passed before.
  if (isProblem(error, 'paused')) return first
  if (isProblem(error, 'pin-proof-invalid')) return first || Date.now() >= record.provable_until
  return !isProblem(error, ...UNDECIDED)
}

/** Ends early when the connection comes back, or a new proof is there. */
function pause(id: string, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    addEventListener('online', done)
    driven.set(id, done)
  })
}

function save(record: Outgoing) {
  // Another tab may have stored others since: both tabs' records are kept.
  const others = new Map([...records, ...read()].map((other) => [other.id, other]))
  others.delete(record.id)
  const next = [record, ...others.values()]
  const oldest = Date.now() - KEEP_MS
  records = next.filter((record) => isOpen(record) || record.created_at > oldest).slice(0, KEEP_MAX)
  storage.set('outgoing', JSON.stringify(records))
  notify()
}

function reread() {
  records = read()
  notify()
}

function read(): Outgoing[] {
  try {
    const stored: unknown = JSON.parse(storage.get('outgoing') ?? '[]')
    return Array.isArray(stored) ? (stored as Outgoing[]) : []
  } catch {
    return []
  }
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function notify() {
  for (const listener of listeners) listener()
}

session.onEnd(() => {
  proofs.clear()
  records = []
  notify()
})
