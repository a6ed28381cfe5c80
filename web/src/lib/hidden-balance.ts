/** Whether the figures on the home screen are hidden; remembered on this device. */
import { useSyncExternalStore } from 'react'
import { storage } from './storage.ts'

const listeners = new Set<() => void>()

export function useHiddenBalance(): [boolean, () => void] {
  const hidden = useSyncExternalStore(subscribe, () => storage.get('hide-balance') !== null)
  const toggle = () => {
    storage.set('hide-balance', hidden ? null : '1')
    for (const listener of listeners) listener()
  }
  return [hidden, toggle]
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
