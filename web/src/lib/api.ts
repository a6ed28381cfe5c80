/** The API of openapi.yaml, typed by it, with the access token added to each request. */
import createClient from 'openapi-fetch'
import type { components, paths } from './api-types.ts'
import { ConnectionError, ProblemError } from './problem.ts'
import { session } from './session.ts'

export type Schemas = components['schemas']

/** The gateway gives up after 15 s (60 s for a file); a little more lets its answer arrive. */
const REQUEST_TIMEOUT_MS = 20_000

export const api = createClient<paths>({ fetch: send })

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** Returns the body of an answer, or throws ProblemError or ConnectionError. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw new ProblemError(response.status, error, response.headers)
  return data as T
}

async function send(request: Request): Promise<Response> {
  const again = request.clone()
  const token = await accessToken(() => session.accessToken())
  const response = await transmit(request, token)
  if (response.status !== 401 || token === null) return response
  const renewed = await accessToken(() => session.replace(token))
  return renewed === null ? response : transmit(again, renewed)
}

async function transmit(request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`)
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) })
  } catch (error) {
    throw request.signal.aborted ? error : new ConnectionError(error)
  }
}

/** A refused renewal ends the session; a failed one is a failed connection. */
async function accessToken(source: () => Promise<string | null>): Promise<string | null> {
  try {
    return await source()
  } catch (error) {
    if (error instanceof ProblemError) {
      if (error.status < 500) return null
      throw error
    }
    throw new ConnectionError(error)
  }
}
