/** The browser's own question about installing is held back, and asked once. */
import { act, renderHook } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { install, installsByShareMenu, useInstallable } from '@/lib/install.ts'

function offer() {
  const prompt = vi.fn(() => Promise.resolve({ outcome: 'accepted' }))
  const event = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt })
  act(() => void dispatchEvent(event))
  return { event, prompt }
}

it('is offered when the browser would, and asked for once', async () => {
  const { result } = renderHook(useInstallable)
  expect(result.current).toBe(false)
  const { event, prompt } = offer()
  expect(event.defaultPrevented).toBe(true)
  expect(result.current).toBe(true)
  await act(() => install())
  await act(() => install())
  expect(prompt).toHaveBeenCalledOnce()
  expect(result.current).toBe(false)
})

it('is no longer offered once it stands on the home screen', () => {
  const { result } = renderHook(useInstallable)
  offer()
  act(() => void dispatchEvent(new Event('appinstalled')))
  expect(result.current).toBe(false)
})

it('is explained only where the share menu installs: Safari alone says that it is not standalone', () => {
  expect(installsByShareMenu()).toBe(false)
  vi.stubGlobal('navigator', { standalone: false })
  expect(installsByShareMenu()).toBe(true)
  vi.stubGlobal('navigator', { standalone: true })
  expect(installsByShareMenu()).toBe(false)
})
