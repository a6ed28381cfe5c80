"""errors — every problem that a client can be told (RFC 9457); shared/sqlstates.py names those of the database.

Problem
├── 400  Malformed · IdempotencyKeyInvalid
├── 401  Unauthenticated · CredentialsInvalid · SignatureInvalid
├── 403  Forbidden · PasswordIncorrect · PinIncorrect · PinProofInvalid
├── 404  NotFound · AccountNotFound
├── 405  MethodNotAllowed
├── 409  UsernameTaken · RequestInProgress · TopUpClosed · AlreadyReversed · BalanceNotZero ·
│        RecipientUnknown · TooManyFavourites
├── 413  TooLarge          415  UnsupportedMediaType
├── 422  IdempotencyKeyReused · InsufficientFunds · SelfTransfer · AccountUnavailable ·
│        LimitExceeded · AmountOutOfRange · PaymentMismatch · SecretTooWeak
├── 429  TooManyAttempts · PinLocked · TooManyRequests
├── 500  Internal
└── 503  Unavailable · OutcomeUnknown · Paused
"""

from typing import ClassVar

from shared.problem import Problem


class Malformed(Problem):
    """The request is not of the form that the contract states."""

    slug, title, status = "malformed", "The request is malformed", 400


class IdempotencyKeyInvalid(Problem):
    """The Idempotency-Key is missing or is not a UUID."""

    slug, title, status = "idempotency-key-invalid", "An Idempotency-Key with a UUID is required", 400


class Unauthenticated(Problem):
    """There is no valid access token, or the session behind it has ended."""

    slug, title, status = "unauthenticated", "Sign in to continue", 401
    default_headers: ClassVar = {"WWW-Authenticate": "Bearer"}


class CredentialsInvalid(Problem):
    """The username or the password is wrong; which of them is never said. `attempts_left` remain before a lock."""

    slug, title, status = "credentials-invalid", "The username or the password is wrong", 401


class SignatureInvalid(Problem):
    """The provider's signature over a webhook does not hold."""

    slug, title, status = "signature-invalid", "The signature is not valid", 401


class Forbidden(Problem):
    """The request came from a place or for a thing that is not allowed."""

    slug, title, status = "forbidden", "This is not allowed", 403


class PasswordIncorrect(Problem):
    """The current password, asked for again, is wrong; `attempts_left` remain before a lock."""

    slug, title, status = "password-incorrect", "The current password is wrong", 403


class PinIncorrect(Problem):
    """The PIN is wrong; `attempts_left` remain before a lock. The try that locks carries `locked_until`, too."""

    slug, title, status = "pin-incorrect", "The PIN is wrong", 403


class PinProofInvalid(Problem):
    """The PIN proof is missing, expired, or made for another operation."""

    slug, title, status = "pin-proof-invalid", "This payment needs a fresh PIN proof", 403


class NotFound(Problem):
    """There is no such thing, or it is not the caller's to see."""

    slug, title, status = "not-found", "There is nothing here", 404


class AccountNotFound(Problem):
    """No account has this number."""

    slug, title, status = "account-not-found", "No account has this number", 404


class MethodNotAllowed(Problem):
    """The path exists, the method does not; `Allow` names those that do."""

    slug, title, status = "method-not-allowed", "This method is not allowed here", 405


class UsernameTaken(Problem):
    """Somebody else has this username."""

    slug, title, status = "username-taken", "This username is taken", 409


class RequestInProgress(Problem):
    """A request with the same key is still running; ask again in a second."""

    slug, title, status = "request-in-progress", "The same request is still running", 409
    default_headers: ClassVar = {"Retry-After": "1"}


class TopUpClosed(Problem):
    """The top-up can no longer be decided; `topup_status` says how it ended."""

    slug, title, status = "topup-closed", "This top-up is closed", 409


class AlreadyReversed(Problem):
    """The transfer has been reversed before, or the reversal exceeds it."""

    slug, title, status = "already-reversed", "This transfer cannot be reversed again", 409


class BalanceNotZero(Problem):
    """An account closes only when nothing is left in it; `balance` says what is."""

    slug, title, status = "balance-not-zero", "The balance must be zero first", 409


class RecipientUnknown(Problem):
    """Only somebody whom the caller has paid can be kept as a favourite."""

    slug, title, status = "recipient-unknown", "Pay this account once before you keep it", 409


class TooManyFavourites(Problem):
    """Fifty favourites are kept already."""

    slug, title, status = "too-many-favourites", "Fifty favourites are the most", 409


class TooLarge(Problem):
    """The body is larger than 16 KiB."""

    slug, title, status = "too-large", "The request is too large", 413


class UnsupportedMediaType(Problem):
    """The body is not application/json."""

    slug, title, status = "unsupported-media-type", "Send application/json", 415


class IdempotencyKeyReused(Problem):
    """The key already names a different request."""

    slug, title, status = "idempotency-key-reused", "This key belongs to another request", 422


class InsufficientFunds(Problem):
    """The balance does not cover the amount; `balance` and `short_by_amount` say by how much."""

    slug, title, status = "insufficient-funds", "The balance is too low", 422


class SelfTransfer(Problem):
    """The payee is the sender."""

    slug, title, status = "self-transfer", "You cannot pay yourself", 422


class AccountUnavailable(Problem):
    """One of the accounts is frozen or closed."""

    slug, title, status = "account-unavailable", "An account cannot take part in this payment", 422


class LimitExceeded(Problem):
    """A limit would be passed; `limit`, `left_amount` and `resets_at` say which and what is left."""

    slug, title, status = "limit-exceeded", "A limit would be exceeded", 422


class AmountOutOfRange(Problem):
    """The amount of a top-up lies outside `min_amount` to `max_amount`."""

    slug, title, status = "amount-out-of-range", "The amount is out of range", 422


class PaymentMismatch(Problem):
    """A provider's payment differs from its top-up in amount or currency; `topup_status` is the top-up's."""

    slug, title, status = "payment-mismatch", "The payment does not match its top-up", 422


class SecretTooWeak(Problem):
    """A password or PIN is too easy to guess; `reason` says why."""

    slug, title, status = "secret-too-weak", "Choose something harder to guess", 422


class TooManyAttempts(Problem):
    """Too many wrong passwords; `Retry-After` says how long to wait."""

    slug, title, status = "too-many-attempts", "Too many attempts", 429


class PinLocked(Problem):
    """The PIN is locked until `locked_until`."""

    slug, title, status = "pin-locked", "The PIN is locked", 429


class TooManyRequests(Problem):
    """A throttle has closed; `Retry-After` says for how long."""

    slug, title, status = "too-many-requests", "Slow down", 429
    default_headers: ClassVar = {"Retry-After": "1"}


class Internal(Problem):
    """A fault of ours."""

    slug, title, status = "internal", "Something went wrong on our side", 500


class Unavailable(Problem):
    """A part of ours is away; nothing has happened; ask again."""

    slug, title, status = "unavailable", "The service is briefly unavailable", 503
    default_headers: ClassVar = {"Retry-After": "1"}


class OutcomeUnknown(Problem):
    """The answer of a commit was lost; the same request with the same key tells the truth."""

    slug, title, status = "outcome-unknown", "The outcome is not known yet; send the same request again", 503
    default_headers: ClassVar = {"Retry-After": "1"}


class Paused(Problem):
    """Money routes are stopped by an operator; balances and history can still be read."""

    slug, title, status = "paused", "Payments are paused", 503
    default_headers: ClassVar = {"Retry-After": "60"}
