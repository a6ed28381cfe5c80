"""What a secret's next value is: a new key beside the old ones, then in use, then alone.

No process ever meets a key that it does not know: what one revision signs or hashes with is known
to every other that runs beside it. So a key in use is changed in two steps, each rolled out before
the next: the new one is added behind the first (known, not used); then it comes first (used).
"""

import json
from collections.abc import Iterable
from typing import Any

from emulators.secrets import MAKERS

# Pay tokens in use may be of the current key or of the one before it, never older (they live 15 minutes).
PAY_TOKEN_KEYS_MAX = 2


def rotated(name: str, value: str) -> str:
    """Return the secret's value after the next step of a rotation."""
    old, new = json.loads(value), json.loads(MAKERS[name]())
    if name == "VAPID_KEY":
        # One key, which browsers know our pushes by: with a new one they must subscribe again.
        return json.dumps({**new, "subject": old["subject"]})
    if name == "SIGNING_KEYS":
        return json.dumps(_signing(old, new))
    fresh = next(iter(new.values()))
    if name == "PROVIDER_KEYS":
        # We only verify with it, and the provider begins to sign with it when told.
        return json.dumps({_next_id(old): fresh, **old})
    return json.dumps(_numbered(name, old, fresh))


def retired(name: str, value: str) -> str:
    """Return the secret's value without its last key; raises ValueError where only one is left."""
    keys = json.loads(value)
    if name == "VAPID_KEY" or len(keys) < 2:
        raise ValueError(f"{name} has one key, and something must use it")
    if isinstance(keys, list):
        return json.dumps(keys[:-1])
    return json.dumps({key: keys[key] for key in list(keys)[:-1]})


def _signing(old: list[Any], new: list[Any]) -> list[Any]:
    """One key: the new one is added behind it. Two keys: they change places."""
    return [*old, *new] if len(old) == 1 else [*old[1:], old[0]]


def _numbered(name: str, old: dict[str, str], fresh: str) -> dict[str, str]:
    """The newest has the highest number. In use already: a newer one is added behind. Not yet: it comes first."""
    newest = max(old, key=_number)
    if next(iter(old)) != newest:
        return {newest: old[newest], **old}
    kept = list(old.items())[: PAY_TOKEN_KEYS_MAX - 1] if name == "PAY_TOKEN_KEYS" else list(old.items())
    return {**dict(kept), _next_id(old): fresh}


def _next_id(ids: Iterable[str]) -> str:
    """Return p3 after p1 and p2, and 3 after 1 and 2: the letters of the ids, one more than their highest number."""
    newest = max(ids, key=_number)
    return f"{newest.rstrip('0123456789')}{_number(newest) + 1}"


def _number(key_id: str) -> int:
    return int(key_id.removeprefix(key_id.rstrip("0123456789")) or 0)
