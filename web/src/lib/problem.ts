/** What can go wrong with a request, as the app tells it apart. */

/** An answer with a problem (RFC 9457); `slug` is the end of its `type`. */
export class ProblemError extends Error {
  readonly slug: string
  readonly status: number
  readonly members: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds: number | null

  constructor(status: number, body: unknown, headers: Headers) {
    const members = isRecord(body) ? body : {}
    const type = typeof members['type'] === 'string' ? members['type'] : ''
    const slug = /^\/problems\/([a-z-]+)$/.exec(type)?.[1] ?? slugOfStatus(status)
    super(slug)
    this.name = 'ProblemError'
    this.slug = slug
    this.status = status
    this.members = members
    this.retryAfterSeconds = Number(headers.get('Retry-After')) || null
  }

  /** A whole number from the problem's own members, or null. */
  number(name: string): number | null {
    const value = this.members[name]
    return typeof value === 'number' ? value : null
  }

  text(name: string): string | null {
    const value = this.members[name]
    return typeof value === 'string' ? value : null
  }
}

/** No answer came: the device is offline, or the way to us is broken, or it took too long. */
export class ConnectionError extends Error {
  constructor(cause: unknown) {
    super('no answer', { cause })
    this.name = 'ConnectionError'
  }
}

/** A gateway or a proxy answers some errors without a problem body. */
const SLUGS: Record<number, string> = { 401: 'unauthenticated', 404: 'not-found', 429: 'too-many-requests' }

function slugOfStatus(status: number): string {
  return SLUGS[status] ?? (status >= 500 ? 'unavailable' : 'malformed')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function isProblem(error: unknown, ...slugs: string[]): error is ProblemError {
  return error instanceof ProblemError && (slugs.length === 0 || slugs.includes(error.slug))
}
