"""personal_data — everything about the caller that any store holds, as one file to keep.

Streamed page by page, so that a long history needs no more memory than a short one. A store that
is away is a 503 before the first byte, never a file that is silently short.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec
from flask import Response

import documents
from shared import clock, db, ledger
from shared.auth import Caller

_EXPORT = "SELECT identity.export_user($1, $2, $3)::text"
# The most that one call of the ledger's history gives; without a filter it comes to the end.
_ENTRIES_PER_CALL = 101


def export(caller: Caller) -> Response:
    """Return the caller's data as a JSON file.

    Profile, sessions, wallet, recipients, notification settings and devices; then every entry,
    top-up and notification. Raises Unavailable, and Unauthenticated where the session has ended,
    before anything is sent.
    """
    now = clock.now()
    person: dict[str, Any] = msgspec.json.decode(
        db.call(_EXPORT, caller.user_id, caller.session_id, now)[0][0], type=dict[str, msgspec.Raw]
    )
    person |= {
        "wallet": ledger.wallet(caller.user_id),
        "recipients": ledger.recipients(caller.user_id),
        "notification_settings": documents.settings(caller.user_id),
        "devices": documents.devices(caller.user_id),
    }
    lists = {name: _begun(documents.every(name, caller.user_id)) for name in documents.LISTS}
    body = _document(msgspec.json.encode(person), {"entries": _begun(_entries(caller)), **lists})
    headers = {"Content-Disposition": f'attachment; filename="e-wallet-lite-{now:%Y-%m-%d}.json"'}
    return Response(body, mimetype="application/json", headers=headers)


def _begun(items: Iterator[Any]) -> Iterable[Any]:
    """Return the same items with the first already asked for, so that a store that is away says so now."""
    return chain([first for first in [next(items, None)] if first is not None], items)


def _document(beginning: bytes, lists: dict[str, Iterable[Any]]) -> Iterator[bytes]:
    yield beginning.removesuffix(b"}")
    for name, items in lists.items():
        yield b',"' + name.encode() + b'":['
        for number, item in enumerate(items):
            yield (b",\n" if number else b"\n") + msgspec.json.encode(item)
        yield b"]"
    yield b"}\n"


def _entries(caller: Caller) -> Iterator[ledger.Entry]:
    before = None
    while page := ledger.entries(caller.user_id, ledger.EntryFilter(), before=before, limit=_ENTRIES_PER_CALL)[0]:
        yield from page
        before = page[-1].version
