/** The two languages: which one is spoken, and where its words come from. */
import { i18n, type Messages } from '@lingui/core'
import { useLingui } from '@lingui/react'
import { storage } from './storage.ts'

export type Locale = 'id' | 'en'

/** Every catalog is a chunk of its own; the app's is loaded at the start, a feature's with its screen. */
const catalogs = import.meta.glob<{ messages: Messages }>('../locales/*/*.po')
const wanted = new Set(['app'])
const loaded = new Set<string>()

export function currentLocale(): Locale {
  return i18n.locale === 'en' ? 'en' : 'id'
}

export function useLocale(): Locale {
  return useLingui().i18n.locale === 'en' ? 'en' : 'id'
}

/** Loads the words of a feature in the language now spoken. */
export async function wantCatalog(name: string): Promise<void> {
  wanted.add(name)
  await loadCatalog(currentLocale(), name)
}

/** Speaks the language that was chosen on this device, else the browser's, else Indonesian. */
export async function startLocale(): Promise<void> {
  await activate(document.documentElement.lang === 'en' ? 'en' : 'id')
}

export async function chooseLocale(locale: Locale): Promise<void> {
  storage.set('locale', locale)
  await activate(locale)
}

async function activate(locale: Locale): Promise<void> {
  await Promise.all([...wanted].map((name) => loadCatalog(locale, name)))
  i18n.activate(locale)
  document.documentElement.lang = locale
}

async function loadCatalog(locale: Locale, name: string): Promise<void> {
  const path = `../locales/${locale}/${name}.po`
  const load = catalogs[path]
  if (!load || loaded.has(path)) return
  i18n.load(locale, (await load()).messages)
  loaded.add(path)
}
