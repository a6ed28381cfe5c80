import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, it } from 'vitest'
import { PinPad } from '@/components/ui/pin-pad.tsx'

function Form() {
  const [pin, setPin] = useState('')
  return (
    <I18nProvider i18n={i18n}>
      <PinPad label="PIN" pin={pin} onPin={setPin} />
    </I18nProvider>
  )
}

it('is one input for the keyboard, and keys for the thumb', async () => {
  render(<Form />)
  const input = screen.getByLabelText('PIN')
  expect(input).toHaveFocus()
  await userEvent.keyboard('24x6')
  await userEvent.click(screen.getByRole('button', { name: '8' }))
  expect(input).toHaveValue('2468')
  await userEvent.click(screen.getByRole('button', { name: 'Hapus satu angka' }))
  expect(input).toHaveValue('246')
})

it('takes six digits and no more', async () => {
  render(<Form />)
  await userEvent.keyboard('12345678')
  expect(screen.getByLabelText('PIN')).toHaveValue('123456')
})
