/** A range of days is refused in our own words, at the field that is wrong. */
import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { fireEvent, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import { DateForm } from '@/features/activity/filters.tsx'
import { jakartaDay } from '@/lib/days.ts'
import { chooseLocale, wantCatalog } from '@/lib/locale.ts'

const onRange = vi.fn()

beforeEach(async () => {
  onRange.mockReset()
  await wantCatalog('activity')
  await chooseLocale('en')
})

function open(range: { from?: string; to?: string }) {
  render(
    <I18nProvider i18n={i18n}>
      <DateForm {...range} onRange={onRange} />
    </I18nProvider>,
  )
}

const field = (label: string) => screen.getByLabelText(label)
const show = () => userEvent.click(screen.getByRole('button', { name: /^(Show|Tampilkan)$/ }))

it.each([
  ['ends before it begins', { from: '2026-11-02', to: '2026-11-01' }, 'From', 'The first day must not be after the last.'],
  ['is longer than a year', { from: '2024-01-01', to: '2025-01-01' }, 'From', 'At most 366 days at a time.'],
  ['begins in the time to come', { from: '2999-01-01' }, 'From', 'This day is yet to come.'],
  ['ends in the time to come', { from: '2026-11-01', to: '2999-01-01' }, 'To', 'This day is yet to come.'],
  ['begins before there was money', { from: '0026-11-01' }, 'From', 'Not before 1 January 2000.'],
])('is refused where it %s', async (_, range, label, sentence) => {
  open(range)
  await show()
  expect(field(label)).toHaveAccessibleDescription(sentence)
  expect(field(label)).toBeInvalid()
  expect(field(label)).toHaveFocus()
  expect(screen.getByText(sentence)).toBeVisible()
  expect(onRange).not.toHaveBeenCalled()
})

it('says the same in Indonesian', async () => {
  await chooseLocale('id')
  open({ from: '2999-01-01', to: '2026-11-01' })
  await show()
  expect(field('Dari')).toHaveAccessibleDescription('Hari itu belum tiba.')
  expect(field('Sampai')).toBeValid()
})

it('is refused where a date was only half typed, which a form reads as none', async () => {
  open({ to: '2026-11-01' })
  Object.defineProperty(field('From'), 'validity', { value: { valid: false, badInput: true } })
  await show()
  expect(field('From')).toHaveAccessibleDescription('This date is incomplete, or there is none like it.')
  expect(field('From')).toHaveFocus()
  expect(onRange).not.toHaveBeenCalled()
})

it('passes when it is put right, and its sentences go', async () => {
  open({ from: '2026-11-02', to: '2026-11-01' })
  await show()
  fireEvent.change(field('From'), { target: { value: '2026-11-01' } })
  await show()
  expect(field('From')).toBeValid()
  expect(onRange).toHaveBeenCalledWith({ from: '2026-11-01', to: '2026-11-01' })
})

it('may be open at either end, end today and last 366 days', async () => {
  const today = jakartaDay()
  open({ to: today })
  await show()
  expect(onRange).toHaveBeenLastCalledWith({ from: undefined, to: today })
  fireEvent.change(field('From'), { target: { value: '2024-01-01' } })
  fireEvent.change(field('To'), { target: { value: '2024-12-31' } })
  await show()
  expect(onRange).toHaveBeenLastCalledWith({ from: '2024-01-01', to: '2024-12-31' })
})
