import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'

type Sentences = Record<string, string | undefined>

/** Says what is wrong with a form's fields in our own words, at the fields; the form itself is `noValidate`. */
export function useFormCheck() {
  const { t } = useLingui()
  const [errors, setErrors] = useState<Sentences>({})
  const sentence = ({ validity, pattern, minLength }: HTMLInputElement) => {
    if (validity.badInput) return t`This date is incomplete, or there is none like it.`
    return validity.valueMissing ? t`Fill this in.` : pattern ? t`Exactly 6 digits.` : t`At least ${minLength} characters.`
  }

  /** Returns whether all is well; else the focus is on the first field that is not. `own` says what only this form knows. */
  const check = (form: HTMLFormElement, own: Sentences = {}): boolean => {
    const wrong = [...form.querySelectorAll('input')].filter((field) => own[field.name] || !field.validity.valid)
    setErrors(Object.fromEntries(wrong.map((field) => [field.name, own[field.name] ?? sentence(field)])))
    wrong[0]?.focus()
    return wrong.length === 0
  }
  return { errors, check }
}
