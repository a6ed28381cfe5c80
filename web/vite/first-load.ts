import type { Rolldown } from 'vite'

type Context = { getModuleInfo: (id: string) => { importedIds: readonly string[] } | null }

/**
 * Puts all that the entry imports at once into one chunk. The bundler would split it
 * into thirty, which compress worse and arrive in more steps.
 */
export function firstLoadGroup(entry: string): NonNullable<NonNullable<Rolldown.OutputOptions['codeSplitting'] & object>['groups']>[number] {
  let initial: Set<string> | null = null
  return {
    name: (id: string, context: Context) => {
      initial ??= closure(entry, context)
      return initial.has(id) ? 'main' : null
    },
  }
}

function closure(entry: string, context: Context, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen
  seen.add(entry)
  for (const id of context.getModuleInfo(entry)?.importedIds ?? []) closure(id, context, seen)
  return seen
}
