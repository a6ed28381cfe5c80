/**
 * The API of openapi.yaml, typed by it, with the access token added to each request.
 *
 * The types are openapi-fetch's; its code is not, because the few things that we ask
 * of it fit in a page and the first load counts every byte.
 */
import type { Client } from 'openapi-fetch'
import type { components, paths } from './api-types.ts'
import { hearDate } from './clock.ts'
import { ConnectionError, ProblemError } from './problem.ts'
import { session } from './session.ts'

export type Schemas = components['schemas']

/** The gateway gives up after 15 s, and after 60 s for a file; a little more lets its answer arrive. */
const REQUEST_TIMEOUT_MS = { json: 20_000, blob: 65_000 }

interface Init {
  params?: { path?: Record<string, unknown>; query?: Record<string, unknown>; header?: Record<string, unknown> }
  body?: unknown
  signal?: AbortSignal
  parseAs?: 'json' | 'blob'
}

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

const method = (name: string) => (path: string, init?: Init) => call(name, path, init ?? {})

export const api = {
  GET: method('GET'),
  POST: method('POST'),
  PUT: method('PUT'),
  PATCH: method('PATCH'),
  DELETE: method('DELETE'),
} as unknown as Pick<Client<paths>, 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>

/** Returns the body of an answer, or throws ProblemError or ConnectionError. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw new ProblemError(response.status, error, response.headers)
  return data as T
}

async function call(name: string, path: string, { params, body, signal, parseAs = 'json' }: Init): Promise<Answer<unknown>> {
  const headers = new Headers()
  for (const [header, value] of given(params?.header)) headers.set(header, value)
  if (body !== undefined) headers.set('Content-Type', 'application/json')
  const response = await send(address(path, params), {
    method: name,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([AbortSignal.timeout(REQUEST_TIMEOUT_MS[parseAs]), ...(signal ? [signal] : [])]),
  }, signal)
  if (!response.ok) return { error: await response.json().catch(() => null), response }
  if (response.status === 204) return { response }
  // An answer that breaks off, or that is no answer of ours (a portal's page), is none.
  return { data: await response[parseAs]().catch(noAnswer(signal)), response }
}

/** The caller's own abort stays what it is. */
function noAnswer(stopped: AbortSignal | undefined) {
  return (error: unknown): never => {
    throw stopped?.aborted ? error : new ConnectionError(error)
  }
}

function address(path: string, params: Init['params']): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params?.path?.[name])))
  const query = new URLSearchParams(given(params?.query)).toString()
  return query ? `${filled}?${query}` : filled
}

function given(values: Record<string, unknown> | undefined): [string, string][] {
  return Object.entries(values ?? {}).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)])
}

/** A refused token is replaced once; a second refusal is the answer. Who pays a code is nobody: that waits for no session. */
async function send(url: string, init: RequestInit & { headers: Headers }, stopped: AbortSignal | undefined): Promise<Response> {
  const token = url.startsWith('/v1/pay/') ? null : await session.accessToken().catch(noToken)
  const response = await transmit(url, init, token, stopped)
  if (response.status !== 401 || token === null) return response
  const renewed = await session.replace(token).catch(noToken)
  return renewed === null ? response : transmit(url, init, renewed, stopped)
}

async function transmit(url: string, init: RequestInit & { headers: Headers }, token: string | null, stopped: AbortSignal | undefined): Promise<Response> {
  if (token !== null) init.headers.set('Authorization', `Bearer ${token}`)
  const askedAt = Date.now()
  const response = await fetch(url, init).catch(noAnswer(stopped))
  hearDate(response.headers.get('Date'), askedAt)
  return response
}

/** A refused renewal ends the session; a failed one is a failed connection. */
function noToken(error: unknown): null {
  if (session.status() === 'out') return null
  throw error instanceof ProblemError ? error : new ConnectionError(error)
}
