"""personal_data — everything that is stored about the caller, as one file to keep."""

import msgspec
from flask import Response

from shared import clock, db
from shared.auth import Caller

_EXPORT = "SELECT identity.export_user($1, $2, $3)::text"


def export(caller: Caller) -> Response:
    """Return the caller's data as a JSON file."""
    now = clock.now()
    document = db.call(_EXPORT, caller.user_id, caller.session_id, now)[0][0]
    headers = {"Content-Disposition": f'attachment; filename="e-wallet-lite-{now:%Y-%m-%d}.json"'}
    body = msgspec.json.format(document, indent=2)
    return Response(body, mimetype="application/json", headers=headers)
