import { useEffect, type RefObject } from 'react'

/** Moves the focus to the heading when what had it has vanished: a keyboard is never left on nothing. */
export function useFocusKept(main: RefObject<HTMLElement | null>, heading: RefObject<HTMLElement | null>) {
  useEffect(() => {
    let last: EventTarget | null = null
    const note = (event: FocusEvent) => (last = event.target)
    const observer = new MutationObserver(() => {
      const lost = document.activeElement === null || document.activeElement === document.body
      if (lost && last instanceof Node && !last.isConnected) heading.current?.focus({ preventScroll: true })
    })
    addEventListener('focusin', note)
    observer.observe(main.current!, { childList: true, subtree: true })
    return () => {
      removeEventListener('focusin', note)
      observer.disconnect()
    }
  }, [main, heading])
}
