"""attempts — every look at a password or PIN, counted and committed before it is taken.

One order for every route: reserve a try in the database (the routines say how many there are),
hash, and give the try back when the secret was right. A crash in between leaves a try counted;
a database that cannot count leaves no try at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

import digests
from shared import clock, db, errors, log
from shared.auth import Caller

_SETTLE = "SELECT identity.settle_attempts($1, $2, $3, $4)"
_COUNT_TRIES_LEFT = "SELECT identity.count_tries_left($1, $2)"
_RESERVE_SIGN_IN = "SELECT * FROM identity.reserve_sign_in($1, $2, $3)"
_RESERVE_PASSWORD = "SELECT * FROM identity.reserve_password($1, $2, $3, $4)"  # noqa: S105 - a statement
_RESERVE_PIN = "SELECT * FROM identity.reserve_pin($1, $2, $3)"
_RESERVE_REGISTRATION = "SELECT * FROM identity.reserve_registration($1, $2, $3)"
_UPGRADE_PASSWORD = "SELECT identity.upgrade_password_digest($1, $2, $3)"  # noqa: S105 - a statement
_UPGRADE_PIN = "SELECT identity.upgrade_pin_digest($1, $2, $3)"
_NOTE_PIN_LOCK = "SELECT identity.note_pin_lock($1, $2)"

# Stands for the owner of a username that nobody has, so that the same work is done.
_NOBODY = UUID(int=0)


class Verified(msgspec.Struct, frozen=True):
    """A secret of `user_id` that was right. `version` counts how often it had been changed by then."""

    user_id: UUID
    version: int
    username: str = ""
    account_number: str = ""


class Tries(msgspec.Struct, frozen=True):
    """The counters on which one try stands, as the database returned them."""

    kinds: list[str]
    subjects: list[str]
    tickets: list[int]

    def settle(self, *, right: bool) -> None:
        """Give the try back: the secret was `right`, or nobody has looked at it.

        Where the database is away just now it stays counted: what has succeeded is no failure for that.
        """
        with suppress(errors.Unavailable, errors.OutcomeUnknown):
            db.call_once(_SETTLE, self.kinds, self.subjects, self.tickets, right)

    @contextmanager
    def kept_from_outages(self) -> Iterator[None]:
        """Give the try back where the block raises Unavailable: then nobody has looked at the secret."""
        try:
            yield
        except errors.Unavailable:
            self.settle(right=False)
            raise

    def left(self) -> int:
        """Return how many more wrong tries lock; 0 where this one has."""
        return int(db.call(_COUNT_TRIES_LEFT, self.kinds, self.subjects)[0][0])


def verify_sign_in(username: str, password: str, source: str) -> Verified:
    """Return whose password this is; nothing tells an unknown username from a wrong password.

    Raises CredentialsInvalid with the tries that are left, TooManyAttempts by username or by
    `source`, and Unavailable.
    """
    [[*counters, user_id, digest, version]] = db.call_once(_RESERVE_SIGN_IN, username, source, clock.now())
    tries = Tries(*counters)
    if not _matches(tries, digests.PASSWORD, user_id or _NOBODY, password, digest):
        raise errors.CredentialsInvalid(attempts_left=tries.left())
    _renew(digests.PASSWORD, _UPGRADE_PASSWORD, user_id, version, password, digest)
    return Verified(user_id, version, username)


def verify_password(caller: Caller, password: str, source: str) -> Verified:
    """Return the caller's own user when `password` is theirs.

    Raises PasswordIncorrect with the tries that are left, TooManyAttempts, Unauthenticated where
    the session has ended, and Unavailable.
    """
    row = db.call_once(_RESERVE_PASSWORD, caller.user_id, caller.session_id, source, clock.now())[0]
    kinds, subjects, tickets, digest, version, username, account_number = row
    tries = Tries(kinds, subjects, tickets)
    if not _matches(tries, digests.PASSWORD, caller.user_id, password, digest):
        raise errors.PasswordIncorrect(attempts_left=tries.left())
    _renew(digests.PASSWORD, _UPGRADE_PASSWORD, caller.user_id, version, password, digest)
    return Verified(caller.user_id, version, username, account_number)


def verify_pin(caller: Caller, pin: str) -> Verified:
    """Return the caller's own user when `pin` is theirs.

    Raises PinIncorrect with the tries that are left, and until when the PIN is locked where this
    try locked it; PinLocked; Unauthenticated where the session has ended; and Unavailable.
    """
    row = db.call_once(_RESERVE_PIN, caller.user_id, caller.session_id, clock.now())[0]
    # failpoint: identity.try_reserved
    kinds, subjects, tickets, digest, version, account_number, attempts_left, locked_until = row
    if not _matches(Tries(kinds, subjects, tickets), digests.PIN, caller.user_id, pin, digest):
        if locked_until is None:
            raise errors.PinIncorrect(attempts_left=attempts_left)
        db.call_once(_NOTE_PIN_LOCK, caller.user_id, locked_until)
        # A lock without an end has no moment: PostgreSQL's infinity arrives as a word.
        until = f"{locked_until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(locked_until, datetime) else None
        raise errors.PinIncorrect(attempts_left=attempts_left, locked_until=until)
    _renew(digests.PIN, _UPGRADE_PIN, caller.user_id, version, pin, digest)
    return Verified(caller.user_id, version, account_number=account_number)


def reserve_registration(username: str, source: str) -> Tries:
    """Count one registration from `source`; the caller settles it when it has succeeded.

    Raises UsernameTaken, and TooManyAttempts after too many of those.
    """
    [[*counters, taken]] = db.call_once(_RESERVE_REGISTRATION, username, source, clock.now())
    if taken:
        raise errors.UsernameTaken()
    return Tries(*counters)


def _matches(tries: Tries, recipe: digests.Recipe, owner: UUID, secret: str, digest: Any) -> bool:
    with tries.kept_from_outages():
        right = digests.matches(recipe, owner, secret, digest)
    if right:
        # failpoint: identity.secret_matched
        tries.settle(right=True)
        # failpoint: identity.try_settled
    # Who and how it ended, for whoever looks into an attack later (ASVS 16.3.1); a lock is the
    # request line's problem. A username that nobody has is not logged: it may be a password.
    user_id = None if owner == _NOBODY else owner
    outcome = "right" if right else "wrong"
    log.write("INFO", "A secret was checked", kind=tries.kinds[0], outcome=outcome, user_id=user_id)
    return right


def _renew(recipe: digests.Recipe, statement: str, user_id: UUID, version: int, secret: str, digest: str) -> None:
    """Store the digest anew where the pepper or the cost has been raised; an outage or a full queue may skip it."""
    if not digests.is_outdated(recipe, digest):
        return
    with suppress(errors.Unavailable, errors.OutcomeUnknown):
        db.call_once(statement, user_id, version, digests.make(recipe, user_id, secret))
