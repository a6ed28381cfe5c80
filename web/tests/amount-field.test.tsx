import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { describe, expect, it } from 'vitest'
import { AmountField, regroup } from '@/components/ui/amount-field.tsx'

function Form() {
  const [text, setText] = useState('')
  return (
    <I18nProvider i18n={i18n}>
      <AmountField label="Jumlah" text={text} onText={setText} />
    </I18nProvider>
  )
}

describe('the amount field', () => {
  it('groups thousands while typing', async () => {
    render(<Form />)
    const field = screen.getByRole('textbox')
    await userEvent.type(field, '1250000')
    expect(field).toHaveValue('1.250.000')
    await userEvent.type(field, '{Backspace}')
    expect(field).toHaveValue('125.000')
  })

  it('keeps the caret among its digits, and deletes through a separator', async () => {
    render(<Form />)
    const field = screen.getByRole<HTMLInputElement>('textbox')
    await userEvent.type(field, '1250000')
    await userEvent.type(field, '{Backspace}', { initialSelectionStart: 2, initialSelectionEnd: 2 })
    expect(field).toHaveValue('250.000')
    expect(field.selectionStart).toBe(0)
    await userEvent.type(field, '{Delete}', { initialSelectionStart: 3, initialSelectionEnd: 3 })
    expect(field).toHaveValue('25.000')
    expect(field.selectionStart).toBe(4)
  })

  it.each(['0,5', '-50000', '1.5'])('leaves %s as it was typed, because it is no amount', async (text) => {
    render(<Form />)
    const field = screen.getByRole('textbox')
    await userEvent.type(field, text)
    expect(field).toHaveValue(text)
  })
})

describe('regroup', () => {
  it.each([
    ['1.2500', '1.250', '12.500'],
    ['50000', '', '50.000'],
    ['1.500', '1.50', '1.500'],
    ['007', '00', '7'],
  ])('turns %s after %s into %s', (next, previous, text) => {
    expect(regroup(next, previous, 'id')).toBe(text)
  })
})
