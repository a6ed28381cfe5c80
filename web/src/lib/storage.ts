/**
 * The few things that outlive a page. Nothing in here is a secret: no token, no
 * password and no PIN is ever stored. `PERSONAL` goes at sign-out.
 */
const PERSONAL = ['session', 'last-wallet', 'outgoing', 'topup', 'push'] as const

export type StorageKey = 'theme' | 'locale' | 'hide-balance' | 'install' | 'sign-out' | (typeof PERSONAL)[number]

export const storage = {
  /** Returns null where storage is closed, as in some private windows. */
  get(key: StorageKey): string | null {
    try {
      return localStorage.getItem(`ewl.${key}`)
    } catch {
      return null
    }
  },

  set(key: StorageKey, value: string | null) {
    try {
      if (value === null) localStorage.removeItem(`ewl.${key}`)
      else localStorage.setItem(`ewl.${key}`, value)
    } catch {
      // Full or closed storage must not stop the app: the server holds the truth.
    }
  },

  clearPersonal() {
    for (const key of PERSONAL) storage.set(key, null)
  },

  /** Calls `listener` when another tab changed `key`. */
  onChange(key: StorageKey, listener: () => void) {
    addEventListener('storage', (event) => {
      if (event.key === `ewl.${key}` || event.key === null) listener()
    })
  },
}
