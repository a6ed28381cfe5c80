import { useLayoutEffect, useRef, type ChangeEvent } from 'react'

/**
 * Keeps the caret among the same digits while what is typed is grouped under it.
 *
 * `shown` stands in the field, `group` is what becomes of a typed text. `read` returns what
 * was typed: where a key took nothing but a separator, which the grouping would put back,
 * it has taken the digit beside it too.
 */
export function useCaretKept(shown: string, group: (typed: string) => string) {
  const input = useRef<HTMLInputElement>(null)
  const digitsAfterCaret = useRef<number | null>(null)
  useLayoutEffect(() => {
    const field = input.current
    if (field === null || digitsAfterCaret.current === null || document.activeElement !== field) return
    const caret = caretBefore(shown, digitsAfterCaret.current)
    field.setSelectionRange(caret, caret)
    digitsAfterCaret.current = null
  }, [shown])

  const read = ({ target: { value, selectionEnd }, nativeEvent }: ChangeEvent<HTMLInputElement>) => {
    const caret = selectionEnd ?? value.length
    const idle = value.length < shown.length && group(value) === shown
    const forward = (nativeEvent as InputEvent).inputType === 'deleteContentForward'
    const before = value.slice(0, idle && !forward ? caret - 1 : caret)
    const after = value.slice(idle && forward ? caret + 1 : caret)
    if (group(before + after) !== value) digitsAfterCaret.current = countDigits(after)
    return before + after
  }
  return { input, read }
}

function countDigits(text: string): number {
  return text.replace(/\D/g, '').length
}

function caretBefore(text: string, digits: number): number {
  let caret = text.length
  while (caret > 0 && countDigits(text.slice(caret)) < digits) caret--
  return caret
}
