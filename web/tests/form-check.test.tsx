import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { TextField } from '@/components/ui/text-field.tsx'
import { useFormCheck } from '@/components/ui/use-form-check.ts'

const sent = vi.fn()

function Form() {
  const { errors, check } = useFormCheck()
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (check(event.currentTarget)) sent()
      }}
    >
      <TextField label="Nama" name="name" required error={errors.name} />
      <TextField label="PIN" name="pin" required pattern="[0-9]{6}" error={errors.pin} />
      <button>Simpan</button>
    </form>
  )
}

it('says at each field what is wrong, leads to the first, and lets a good form pass', async () => {
  render(
    <I18nProvider i18n={i18n}>
      <Form />
    </I18nProvider>,
  )
  await userEvent.type(screen.getByLabelText('PIN'), '12')
  await userEvent.click(screen.getByRole('button'))
  expect(screen.getByLabelText('Nama')).toHaveAccessibleDescription('Wajib diisi.')
  expect(screen.getByLabelText('PIN')).toHaveAccessibleDescription('Tepat 6 angka.')
  expect(screen.getByLabelText('Nama')).toHaveFocus()
  expect(sent).not.toHaveBeenCalled()

  await userEvent.type(screen.getByLabelText('Nama'), 'Dewi')
  await userEvent.type(screen.getByLabelText('PIN'), '3456')
  await userEvent.click(screen.getByRole('button'))
  expect(sent).toHaveBeenCalledOnce()
})
