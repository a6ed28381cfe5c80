/** A new version waits behind the one that runs until the person takes it. */
import { beforeEach, expect, it, vi } from 'vitest'

class FakeWorker extends EventTarget {
  state = 'installing'
  postMessage = vi.fn()
}

class Registration extends EventTarget {
  waiting: FakeWorker | null = null
  installing: FakeWorker | null = null

  /** The browser has found a new version and has fetched all of it. */
  async update() {
    this.installing = new FakeWorker()
    this.dispatchEvent(new Event('updatefound'))
    this.installing.state = 'installed'
    this.installing.dispatchEvent(new Event('statechange'))
    await Promise.resolve()
    return this.installing
  }
}

const registration = new Registration()
const container = Object.assign(new EventTarget(), { controller: null as object | null, register: vi.fn(() => Promise.resolve(registration)) })

async function open() {
  const { registerWorker, workerUpdate } = await import('@/app/worker.ts')
  await registerWorker()
  return workerUpdate
}

beforeEach(() => {
  vi.resetModules()
  vi.stubEnv('DEV', false)
  vi.stubGlobal('navigator', { serviceWorker: container })
  container.controller = {}
  registration.waiting = null
})

it('says nothing at the first visit', async () => {
  container.controller = null
  const update = await open()
  await registration.update()
  expect(update.waiting()).toBeNull()
})

it('tells of a new version, and of one that has waited since before', async () => {
  const update = await open()
  const heard = vi.fn()
  update.subscribe(heard)
  expect(await registration.update()).toBe(update.waiting())
  expect(heard).toHaveBeenCalledOnce()

  vi.resetModules()
  registration.waiting = new FakeWorker()
  expect((await open()).waiting()).toBe(registration.waiting)
})

it('hands over only when it is taken, and then loads the page anew', async () => {
  const update = await open()
  const worker = await registration.update()
  expect(worker.postMessage).not.toHaveBeenCalled()
  const reload = vi.fn()
  vi.stubGlobal('location', { ...location, reload })
  update.take()
  expect(worker.postMessage).toHaveBeenCalledWith('activate')
  container.dispatchEvent(new Event('controllerchange'))
  expect(reload).toHaveBeenCalledOnce()
})
