import type { LinguiConfig } from '@lingui/conf'
import { readdirSync } from 'node:fs'

/**
 * One catalog for what is loaded at once, and one per lazy feature, so that
 * the words of a screen travel with its code and not with the first load.
 */
const EAGER = ['auth', 'home']
const features = readdirSync(new URL('./src/features', import.meta.url)).filter((name) => !EAGER.includes(name))

const config: LinguiConfig = {
  sourceLocale: 'en',
  locales: ['en', 'id'],
  fallbackLocales: false,
  orderBy: 'message',
  catalogs: [
    {
      path: '<rootDir>/src/locales/{locale}/app',
      include: ['src/app', 'src/lib', 'src/components', ...EAGER.map((name) => `src/features/${name}`)],
    },
    ...features.map((name) => ({
      path: `<rootDir>/src/locales/{locale}/${name}`,
      include: [`src/features/${name}`],
    })),
  ],
}

export default config
