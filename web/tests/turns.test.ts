/** A transfer that several tabs show is asked about by one of them, and by the next when that one dies. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const ID = '0197b2a4-7c3e-7d1a-9f52-3b8c6a1e4d70'
const LOCK = `ewl.transfer.${ID}`
const RECORD = { id: ID, user_id: 'user-1', to_account: '576174676428', payee_name: 'Budi', amount: 20_000, note: '', created_at: Date.now(), provable_until: Date.now() + 150_000, state: 'unknown' }
const TOKEN = `x.${btoa(JSON.stringify({ sub: 'user-1' }))}.x`

/** The browser's locks, as far as tabs use them here. */
class Locks {
  private holder: object | null = null
  private line: (() => void)[] = []

  request(name: string, { steal, signal }: LockOptions, work: () => Promise<unknown>) {
    expect(name).toBe(LOCK)
    return new Promise((resolve, reject) => {
      const turn = () => {
        const me = (this.holder = {})
        resolve(
          work().finally(() => {
            if (this.holder !== me) return
            this.holder = null
            this.line.shift()?.()
          }),
        )
      }
      signal?.addEventListener('abort', () => {
        this.line = this.line.filter((other) => other !== turn)
        reject(signal.reason as Error)
      })
      if (steal || this.holder === null) turn()
      else this.line.push(turn)
    })
  }
}

let locks: Locks
let asked: number
let answer: Response | undefined

beforeEach(() => {
  locks = new Locks()
  asked = 0
  answer = undefined
  vi.stubGlobal('navigator', Object.create(navigator, { locks: { value: locks } }))
  vi.stubGlobal('BroadcastChannel', undefined)
  vi.stubGlobal('fetch', () => {
    asked += 1
    return answer ? Promise.resolve(answer.clone()) : Promise.reject(new TypeError('Failed to fetch'))
  })
})

/** The tabs of one test are closed before the next. */
const listening: Parameters<typeof addEventListener>[] = []
const listen = globalThis.addEventListener.bind(globalThis)
beforeEach(() => {
  vi.spyOn(globalThis, 'addEventListener').mockImplementation((...listener: Parameters<typeof addEventListener>) => {
    listening.push(listener)
    listen(...listener)
  })
})
afterEach(() => {
  for (const [name, listener] of listening.splice(0)) removeEventListener(name, listener)
})

async function openTab() {
  vi.resetModules()
  const { session } = await import('@/lib/session.ts')
  const { outgoing } = await import('@/lib/outgoing.ts')
  session.begin({ access_token: TOKEN, expires_in: 600 })
  return outgoing
}

/** Another tab sends a transfer, asks about it, and dies when told to. */
function anotherTab() {
  let die = () => {}
  void locks.request(LOCK, { steal: true }, () => new Promise<void>((resolve) => (die = resolve)))
  localStorage.setItem('ewl.outgoing', JSON.stringify([RECORD]))
  dispatchEvent(new StorageEvent('storage', { key: 'ewl.outgoing' }))
  return () => die()
}

function hide(hidden: boolean) {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden)
  dispatchEvent(new Event('visibilitychange'))
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20))
const arrived = () => (answer = new Response(JSON.stringify({ id: ID }), { status: 201 }))

it('is left to the tab that asks, while that one lives', async () => {
  await openTab()
  anotherTab()
  await settle()
  expect(asked).toBe(0)
})

it('is taken up by a tab that is only seen, and by one alone, when that one dies', async () => {
  const tabs = [await openTab(), await openTab()]
  const die = anotherTab()
  arrived()
  die()
  await vi.waitFor(() => expect(tabs.some((tab) => tab.find(ID)?.state === 'done')).toBe(true))
  // The browser tells the other one what has been stored.
  dispatchEvent(new StorageEvent('storage', { key: 'ewl.outgoing' }))
  await settle()
  expect(tabs.map((tab) => tab.find(ID)?.state)).toEqual(['done', 'done'])
  expect(asked).toBe(1)
})

it('is not asked about by a hidden tab until it is seen', async () => {
  const tab = await openTab()
  const die = anotherTab()
  hide(true)
  arrived()
  die()
  await settle()
  expect(asked).toBe(0)
  hide(false)
  await vi.waitFor(() => expect(tab.find(ID)?.state).toBe('done'))
})

it('passes from a tab that is hidden while it asks to one that is seen', async () => {
  const tab = await openTab()
  const die = anotherTab()
  die()
  await vi.waitFor(() => expect(asked).toBe(1))
  let elsewhere = false
  void locks.request(LOCK, {}, () => Promise.resolve(void (elsewhere = true)))
  hide(true)
  await vi.waitFor(() => expect(elsewhere).toBe(true), 3_000)
  expect(asked).toBe(1)
  expect(tab.find(ID)?.state).toBe('unknown')
})

it('is asked about at once by a tab that comes to the front, for the other may be frozen', async () => {
  const tab = await openTab()
  anotherTab()
  arrived()
  dispatchEvent(new Event('focus'))
  await vi.waitFor(() => expect(tab.find(ID)?.state).toBe('done'))
})
