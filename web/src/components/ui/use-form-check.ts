import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'

/** Says what is wrong with a form's fields in our own words, at the fields; the form itself is `noValidate`. */
export function useFormCheck() {
  const { t } = useLingui()
  const [errors, setErrors] = useState<Record<string, string>>({})
  const sentence = ({ validity, pattern, minLength }: HTMLInputElement) =>
    validity.valueMissing ? t`Fill this in.` : pattern ? t`Exactly 6 digits.` : t`At least ${minLength} characters.`

  /** Returns whether all is well; else the focus is on the first field that is not. */
  const check = (form: HTMLFormElement): boolean => {
    const wrong = [...form.querySelectorAll('input')].filter((field) => !field.validity.valid)
    setErrors(Object.fromEntries(wrong.map((field) => [field.name, sentence(field)])))
    wrong[0]?.focus()
    return wrong.length === 0
  }
  return { errors, check }
}
