import { useState } from 'react'
import { toast } from '@/components/ui/toast.tsx'

/** Runs one change of the account: busy while it runs, its error if it fails, a word and `onDone` if it does not. */
export function useChange(onDone: () => void) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const run = async (change: () => Promise<unknown>, done: string) => {
    setBusy(true)
    setError(null)
    try {
      await change()
      toast(done)
      onDone()
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return { busy, error, setError, run }
}
