"""users — who has a wallet: registration, signing in, the profile, its secrets and its end."""

import re
import secrets
import unicodedata
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import msgspec

import attempts
import digests
import passwords
import pins
import repeats
import sessions
from places import Place
from shared import clock, db, errors
from shared.auth import Caller

_REGISTER = "SELECT * FROM identity.register_user_as($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
_DRAW_NUMBER = "SELECT identity.draw_account_number()"
_OPEN_SESSION = "SELECT * FROM identity.open_session($1, $2, $3, $4, $5, $6, $7)"
_FIND = "SELECT id, username, full_name, created_at FROM identity.find_user($1, $2, $3)"
_RENAME = "SELECT id, username, full_name, created_at FROM identity.rename_user($1, $2, $3, $4)"
_CHANGE_PASSWORD = "SELECT identity.change_password($1, $2, $3, $4, $5)"  # noqa: S105 - a statement
_CHANGE_PIN = "SELECT identity.change_pin($1, $2, $3, $4, $5)"
_RESET_PIN = "SELECT identity.reset_pin($1, $2, $3, $4, $5)"
_CLOSE = "SELECT identity.close_user($1, $2, $3, $4)"

# Three in a row that hold the PIN are less likely than a broken generator.
_DRAWS_MAX = 3

# ASCII alone: no letter of another alphabet can pose as one of these.
_USERNAME = re.compile(r"[a-z][a-z0-9._]{2,29}")


class User(msgspec.Struct, frozen=True):
    """A user as they see themselves."""

    id: UUID
    username: str
    full_name: str
    created_at: datetime


class SignIn(msgspec.Struct, frozen=True):
    """A new session, with its refresh token; `keep_until` is None when the browser decides."""

    user: User
    account_number: str
    session_id: UUID
    token: str
    keep_until: datetime | None


def normalise_username(given: str) -> str:
    """Return the one spelling of a username: NFKC, casefold (RFC 8265 does the same with more words)."""
    return unicodedata.normalize("NFKC", given.strip()).casefold()


def require_username(given: str) -> str:
    """Return the normalised username; raises Malformed where nobody may be called so."""
    username = normalise_username(given)
    if not _USERNAME.fullmatch(username):
        raise errors.Malformed("A username is a letter, then 2 to 29 letters, digits, dots or underscores")
    return username


def normalise_name(given: str) -> str:
    """Return a person's name in NFC with single spaces; raises Malformed where nothing can be read."""
    name = " ".join(unicodedata.normalize("NFC", given).split())
    # Category C holds what is invisible or turns the direction of the text: a name could pose as another.
    if not 1 <= len(name) <= 80 or any(unicodedata.category(character)[0] == "C" for character in name):
        raise errors.Malformed("A name is 1 to 80 visible characters")
    return name


def register(username: str, password: str, pin: str, full_name: str, place: Place) -> SignIn:
    """Create a user with an open wallet, and sign them in.

    `username` and `full_name` are normalised. The same registration once more, within two minutes,
    signs in the user whom it has made. Raises SecretTooWeak, UsernameTaken, TooManyAttempts (too many
    taken usernames tried from one source) and Unavailable.
    """
    passwords.require_strong(password, username)
    pins.require_strong(pin)
    try:
        return _create(username, password, pin, full_name, place)
    except errors.UsernameTaken:
        with suppress(errors.CredentialsInvalid, errors.TooManyAttempts):
            return _open(repeats.find_registration(username, password, pin, place.source), place)
        raise


def sign_in(username: str, password: str, place: Place) -> SignIn:
    """Open a session. Raises CredentialsInvalid, TooManyAttempts and Unavailable."""
    return _open(attempts.verify_sign_in(username, passwords.normalise(password), place.source), place)


def find(caller: Caller) -> User:
    """Return the caller's profile."""
    return User(*db.call(_FIND, caller.user_id, caller.session_id, clock.now())[0])


def rename(caller: Caller, full_name: str) -> User:
    """Change the caller's name, which payers and payees see."""
    return User(*db.call_once(_RENAME, caller.user_id, caller.session_id, full_name, clock.now())[0])


def change_password(caller: Caller, current: str, new: str, source: str) -> None:
    """Replace the caller's password; signs out their other sessions. A repeat of the change changes nothing.

    Raises PasswordIncorrect, SecretTooWeak, TooManyAttempts and Unavailable.
    """
    new = passwords.normalise(new)
    with repeats.succeed(digests.PASSWORD, caller, new):
        verified = attempts.verify_password(caller, passwords.normalise(current), source)
        passwords.require_strong(new, verified.username)
        digest = digests.make(digests.PASSWORD, caller.user_id, new)
        if not _changed(_CHANGE_PASSWORD, caller, verified.version, digest):
            raise errors.PasswordIncorrect()


def change_pin(caller: Caller, current: str, new: str) -> None:
    """Replace the caller's PIN; signs out their other sessions. A repeat of the change changes nothing.

    Raises PinIncorrect, PinLocked, SecretTooWeak and Unavailable.
    """
    with repeats.succeed(digests.PIN, caller, new):
        verified = attempts.verify_pin(caller, current)
        pins.require_strong(new, verified.account_number)
        if not _changed(_CHANGE_PIN, caller, verified.version, digests.make(digests.PIN, caller.user_id, new)):
            raise errors.PinIncorrect(attempts_left=0)


def reset_pin(caller: Caller, password: str, new: str, source: str) -> None:
    """Set a new PIN by the password: for a forgotten, locked or disabled one.

    Raises PasswordIncorrect, SecretTooWeak, TooManyAttempts and Unavailable.
    """
    verified = attempts.verify_password(caller, passwords.normalise(password), source)
    pins.require_strong(new, verified.account_number)
    if not _changed(_RESET_PIN, caller, verified.version, digests.make(digests.PIN, caller.user_id, new)):
        raise errors.PasswordIncorrect()


def close(caller: Caller, pin: str) -> None:
    """Close the caller's account and erase their personal fields.

    Raises BalanceNotZero, PinIncorrect, PinLocked and Unavailable.
    """
    verified = attempts.verify_pin(caller, pin)
    if not db.call_once(_CLOSE, caller.user_id, caller.session_id, verified.version, clock.now())[0][0]:
        raise errors.PinIncorrect(attempts_left=0)


def mint_id() -> UUID:
    """Return a new UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random ones."""
    milliseconds = int(clock.unix_time() * 1000)
    value = milliseconds << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def _create(username: str, password: str, pin: str, full_name: str, place: Place) -> SignIn:
    tries = attempts.reserve_registration(username, place.source)
    user_id, session_id, now = mint_id(), mint_id(), clock.now()
    token, token_digest = sessions.mint_token()
    with tries.kept_from_outages():
        row = db.call_once(
            _REGISTER,
            user_id,
            username,
            full_name,
            digests.make(digests.PASSWORD, user_id, passwords.normalise(password)),
            digests.make(digests.PIN, user_id, pin),
            session_id,
            place.device,
            place.keep_signed_in,
            token_digest,
            now,
            _draw_number(pin),
        )
    tries.settle(right=True)
    account_number, expires_at = row[0]
    user = User(user_id, username, full_name, now)
    return SignIn(user, account_number, session_id, token, expires_at if place.keep_signed_in else None)


def _open(verified: attempts.Verified, place: Place) -> SignIn:
    """Open a session for whom a password has shown; raises CredentialsInvalid where it has been changed since."""
    session_id, now = mint_id(), clock.now()
    token, token_digest = sessions.mint_token()
    rows = db.call_once(
        _OPEN_SESSION,
        session_id,
        verified.user_id,
        verified.version,
        place.device,
        place.keep_signed_in,
        token_digest,
        now,
    )
    if not rows:
        raise errors.CredentialsInvalid()
    username, full_name, account_number, created_at, expires_at = rows[0]
    user = User(verified.user_id, username, full_name, created_at)
    return SignIn(user, account_number, session_id, token, expires_at if place.keep_signed_in else None)


def _draw_number(pin: str) -> str:
    """Return an account number without the PIN's digits in it: payers see the number (7 in a million have them)."""
    for _ in range(_DRAWS_MAX):
        number = str(db.call(_DRAW_NUMBER)[0][0])
        if pin not in number:
            return number
    raise errors.Unavailable("No account number fits")


def _changed(statement: str, caller: Caller, version: int, digest: str) -> bool:
    row = db.call_once(statement, caller.user_id, caller.session_id, version, digest, clock.now())[0]
    return bool(row[0])
