import { useLingui } from '@lingui/react/macro'
import { chooseLocale, useLocale } from '@/lib/locale.ts'
import { chooseTheme, useThemeChoice } from '@/lib/theme.ts'
import { Choice } from './ui/choice.tsx'

/** Language and theme, before and after signing in; kept on this device. */
export function LanguageChoice() {
  const { t } = useLingui()
  return (
    <Choice
      label={t`Language`}
      value={useLocale()}
      onChange={(locale) => void chooseLocale(locale)}
      options={[
        { value: 'id', label: 'Indonesia' },
        { value: 'en', label: 'English' },
      ]}
    />
  )
}

export function ThemeChoice() {
  const { t } = useLingui()
  return (
    <Choice
      label={t`Theme`}
      value={useThemeChoice()}
      onChange={chooseTheme}
      options={[
        { value: 'system', label: t`System` },
        { value: 'light', label: t`Light` },
        { value: 'dark', label: t`Dark` },
      ]}
    />
  )
}
