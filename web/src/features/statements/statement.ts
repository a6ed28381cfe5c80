import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schemas } from '@/lib/api.ts'

export interface Range {
  from: string
  to: string
}

/** The four figures and the number of lines, as the books have them. */
export function statementQuery(range: Range) {
  return queryOptions({
    queryKey: ['entries', 'statement', range],
    queryFn: async ({ signal }) =>
      (await take(api.GET('/v1/wallet/statement', { params: { query: { ...range, format: 'json' } }, signal }))) as Schemas['StatementFigures'],
  })
}

/** The file, with every line. */
export function fetchStatement(range: Range): Promise<Blob> {
  return take(api.GET('/v1/wallet/statement', { params: { query: { ...range, format: 'csv' } }, parseAs: 'blob' }))
}
