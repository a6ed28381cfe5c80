"""personal_data — everything about the caller that the books and `identity` hold, as one file to keep.

Streamed page by page, so that a long history needs no more memory than a short one.
"""

from collections.abc import Iterator

import msgspec
from flask import Response

from shared import clock, db, ledger
from shared.auth import Caller

_EXPORT = "SELECT identity.export_user($1, $2, $3)::text"
# The most that one call of the ledger's history gives.
_ENTRIES_PER_CALL = 101


def export(caller: Caller) -> Response:
    """Return the caller's data as a JSON file: profile, sessions, wallet, recipients, every entry.

    Raises Unauthenticated where the session has ended, before anything is sent.
    """
    now = clock.now()
    person: dict[str, msgspec.Raw] = msgspec.json.decode(
        db.call(_EXPORT, caller.user_id, caller.session_id, now)[0][0], type=dict[str, msgspec.Raw]
    )
    beginning = msgspec.json.encode(
        person | {"wallet": ledger.wallet(caller.user_id), "recipients": ledger.recipients(caller.user_id)}
    )
    headers = {"Content-Disposition": f'attachment; filename="e-wallet-lite-{now:%Y-%m-%d}.json"'}
    return Response(_document(caller, beginning), mimetype="application/json", headers=headers)


def _document(caller: Caller, beginning: bytes) -> Iterator[bytes]:
    yield beginning.removesuffix(b"}") + b',"entries":['
    for number, entry in enumerate(_entries(caller)):
        yield (b",\n" if number else b"\n") + msgspec.json.encode(entry)
    yield b"]}\n"


def _entries(caller: Caller) -> Iterator[ledger.Entry]:
    before = None
    while page := ledger.entries(caller.user_id, ledger.EntryFilter(), before=before, limit=_ENTRIES_PER_CALL):
        yield from page
        before = page[-1].version
