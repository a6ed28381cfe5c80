/**
 * Every problem as a sentence. It says what happened and what to do; it never
 * blames a person for our outage, and it says where their money is.
 */
import { msg } from '@lingui/core/macro'
import { i18n, type MessageDescriptor } from '@lingui/core'
import { currentLocale } from './locale.ts'
import { formatRupiah } from './money.ts'
import { ConnectionError, ProblemError } from './problem.ts'
import { formatTime } from './time.ts'

const SENTENCES: Record<string, MessageDescriptor> = {
  malformed: msg`Something in this form is not right. Check it and try again.`,
  'idempotency-key-invalid': msg`This page is out of date. Go back and start again; nothing was sent.`,
  unauthenticated: msg`Your session has ended. Sign in again.`,
  'credentials-invalid': msg`The username or the password is wrong.`,
  'pin-proof-invalid': msg`Your PIN confirmation has expired. Enter your PIN again; nothing was sent.`,
  'password-incorrect': msg`That is not your current password.`,
  forbidden: msg`You do not have access to this.`,
  'not-found': msg`We could not find this.`,
  'account-not-found': msg`No account has this number.`,
  'method-not-allowed': msg`This page is out of date. Reload it.`,
  'username-taken': msg`This username is taken. Choose another.`,
  'request-in-progress': msg`This is already being processed.`,
  conflict: msg`This has changed in the meantime. Reload and try again.`,
  'too-large': msg`That is too long. Shorten it and try again.`,
  'unsupported-media-type': msg`This page is out of date. Reload it.`,
  'idempotency-key-reused': msg`This payment was already made with other details. Start a new one.`,
  'self-transfer': msg`This is your own account. Choose another recipient.`,
  'account-unavailable': msg`This account cannot receive or send money right now.`,
  'topup-closed': msg`This top-up is no longer open.`,
  'secret-too-weak': msg`That is too easy to guess. Choose another.`,
  'too-many-requests': msg`That was a bit fast. Wait a moment and try again.`,
  paused: msg`Moving money is paused for a check on our side. Your balance is safe; please try again later.`,
  'recipient-unknown': msg`You have not paid this account yet, so it cannot be a favourite.`,
  'too-many-favourites': msg`You have as many favourites as there can be. Remove one first.`,
  'balance-not-zero': msg`Your balance must be Rp 0 before the account can be closed.`,
  internal: msg`Something went wrong on our side. Your money is safe; please try again.`,
  unavailable: msg`Our service is not reachable right now. This is our fault, not yours; please try again.`,
  'outcome-unknown': msg`We do not know whether that worked; please try again.`,
}

export function problemSentence(error: unknown): string {
  if (error instanceof ConnectionError) {
    return navigator.onLine
      ? i18n._(msg`We could not be reached. The connection or our service is down; please try again.`)
      : i18n._(msg`You are offline. Connect to the internet and try again.`)
  }
  if (!(error instanceof ProblemError)) return i18n._(SENTENCES['internal']!)
  return exact(error) ?? i18n._(SENTENCES[error.slug] ?? SENTENCES['internal']!)
}

/** The problems that carry figures say them. */
function exact(error: ProblemError): string | null {
  switch (error.slug) {
    case 'insufficient-funds':
      return insufficientFunds(error)
    case 'limit-exceeded':
      return limitExceeded(error)
    case 'amount-out-of-range':
      return amountOutOfRange(error)
    case 'pin-incorrect':
      return 'locked_until' in error.members ? pinLocked(error.text('locked_until')) : join(i18n._(msg`Wrong PIN.`), attemptsLeft(error))
    case 'credentials-invalid':
    case 'password-incorrect':
      return join(i18n._(SENTENCES[error.slug]!), attemptsLeft(error, PASSWORD_ATTEMPTS_TOLD))
    case 'pin-locked':
      return pinLocked(error.text('locked_until'))
    case 'too-many-attempts':
      return tooManyAttempts(error.retryAfterSeconds ?? 60)
    default:
      return null
  }
}

function insufficientFunds(error: ProblemError): string {
  const short = rupiah(error.number('short_by_amount') ?? 0)
  return i18n._(msg`Your balance is ${short} short. Top up first, or send less.`)
}

function limitExceeded(error: ProblemError): string {
  const left = rupiah(error.number('left_amount') ?? 0)
  switch (error.text('limit')) {
    case 'per_transfer_amount':
      return i18n._(msg`One transfer can be at most ${left}.`)
    case 'balance_max':
      return i18n._(msg`This would pass the most that a wallet may hold. There is room for ${left}.`)
    default:
      return i18n._(msg`You can still send ${left} today. The limit starts anew at midnight WIB.`)
  }
}

function amountOutOfRange(error: ProblemError): string {
  const least = rupiah(error.number('min_amount') ?? 0)
  const most = rupiah(error.number('max_amount') ?? 0)
  return i18n._(msg`The amount must be between ${least} and ${most}.`)
}

/** Ten wrong passwords are allowed: the count is worth saying near its end. */
const PASSWORD_ATTEMPTS_TOLD = 3

function attemptsLeft(error: ProblemError, toldFrom = Infinity): string {
  const attempts = error.number('attempts_left')
  if (!attempts || attempts > toldFrom) return ''
  return attempts === 1 ? i18n._(msg`One attempt left.`) : i18n._(msg`${attempts} attempts left.`)
}

function join(...sentences: string[]): string {
  return sentences.filter(Boolean).join(' ')
}

function pinLocked(until: string | null): string {
  if (until === null) return i18n._(msg`Your PIN is disabled. Set a new one with your password.`)
  const time = formatTime(until, 'time', currentLocale())
  return i18n._(msg`Your PIN is locked until ${time} WIB.`)
}

function tooManyAttempts(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return minutes <= 1
    ? i18n._(msg`Too many attempts. Try again in a minute.`)
    : i18n._(msg`Too many attempts. Try again in ${minutes} minutes.`)
}

function rupiah(amount: number): string {
  return formatRupiah(amount, currentLocale())
}
