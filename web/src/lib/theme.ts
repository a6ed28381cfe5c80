/** Light, dark, or as the system says; public/theme.js applies the choice before the first paint. */
import { useSyncExternalStore } from 'react'
import { storage } from './storage.ts'

export type ThemeChoice = 'system' | 'light' | 'dark'

/** The canvas of each theme, as in app.css. */
const COLOURS = { light: '#fcfaf6', dark: '#0a0e18' }
const darkSystem = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

function themeChoice(): ThemeChoice {
  const stored = storage.get('theme')
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

export function chooseTheme(choice: ThemeChoice) {
  storage.set('theme', choice === 'system' ? null : choice)
  applyTheme()
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, themeChoice)
}

function applyTheme() {
  const choice = themeChoice()
  const theme = choice === 'system' ? (darkSystem.matches ? 'dark' : 'light') : choice
  document.documentElement.dataset['theme'] = theme
  // The browser's own bar follows the choice, and not the system alone.
  for (const meta of document.querySelectorAll('meta[name=theme-color]')) meta.setAttribute('content', COLOURS[theme])
  for (const listener of listeners) listener()
}

darkSystem.addEventListener('change', applyTheme)
storage.onChange('theme', applyTheme)
applyTheme()
