"""repeats — a change whose answer was lost and which is asked for again: it has happened, and is told so.

The gateway, or the person, sends the same body once more. For two minutes after a change its repeat
is known by the new secret; every try at a secret is counted as it always is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import attempts
import digests
import passwords
from shared import clock, db, errors, log
from shared.auth import Caller

_DIGEST_CHANGED = "SELECT identity.digest_changed_here($1, $2, $3, $4)"
_FIND_NEW_USER = "SELECT user_id, pin_digest FROM identity.find_new_user($1, $2)"


@contextmanager
def succeed(recipe: digests.Recipe, caller: Caller, new: str) -> Iterator[None]:
    """Let the block that changes a secret to `new` succeed where the caller's session has just done so.

    The block raises PasswordIncorrect or PinIncorrect where the current secret is wrong, or where a
    twin of the request came first. The error goes on where the secret is another than `new`, was
    changed more than two minutes ago or by another session. Raises Unavailable as well.
    """
    try:
        yield
    except (errors.PasswordIncorrect, errors.PinIncorrect):
        digest = db.call(_DIGEST_CHANGED, caller.user_id, caller.session_id, _kind(recipe), clock.now())[0][0]
        if digest is None or not _matches(recipe, caller.user_id, new, digest):
            raise


def find_registration(username: str, password: str, pin: str, source: str) -> attempts.Verified:
    """Return the user whom the very same registration has made in the last two minutes.

    Whose username it is comes from the password, counted as at a sign-in. Raises CredentialsInvalid
    where there is no such user, TooManyAttempts and Unavailable.
    """
    found = db.row(_FIND_NEW_USER, username, clock.now())
    if found is None:
        raise errors.CredentialsInvalid()
    user_id, pin_digest = found
    verified = attempts.verify_sign_in(username, passwords.normalise(password), source)
    # Whoever asks for another PIN must not believe that they have it.
    if not _matches(digests.PIN, user_id, pin, pin_digest):
        raise errors.CredentialsInvalid()
    return verified


def _matches(recipe: digests.Recipe, owner: UUID, secret: str, digest: str) -> bool:
    right = digests.matches(recipe, owner, secret, digest)
    outcome = "right" if right else "wrong"
    log.write("INFO", "A repeated secret was checked", kind=_kind(recipe), outcome=outcome, user_id=owner)
    return right


def _kind(recipe: digests.Recipe) -> str:
    return "pin" if recipe is digests.PIN else "password"
