"""analytics — what happened, in sums and in full, from the warehouse.

GET  /v1/analytics/summary       totals, by kind, by day, week or month, and the largest counterparties
GET  /v1/analytics/export.csv    the caller's entries of a range, streamed

An answer holds the caller's own rows alone; days are days in Jakarta. The figures trail the
ledger by the seconds that an event takes to the warehouse: `as_of` is the newest event counted.
"""

import hashlib
from datetime import date

import functions_framework
import msgspec
from flask import Request, Response

import export
import periods
import summary
from shared.auth import Caller
from shared.http import Reply, Router

router = Router()


class Days(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The days asked for, both included; left out, they are the 30 days up to today."""

    first: date | None = msgspec.field(name="from", default=None)
    last: date | None = msgspec.field(name="to", default=None)


class Buckets(Days, frozen=True, forbid_unknown_fields=True):
    """The days asked for, and the width of a bar."""

    bucket: periods.Bucket = "day"


@router.route("GET", "/v1/analytics/summary")
def summarise(request: Request, caller: Caller, query: Buckets) -> Reply:
    """Return the sums of a range, or 304 where the caller's copy is still true.

    The tag is a weak one (RFC 9110, 8.8.1) and names the figures alone: that other people's events
    have moved `as_of` on does not make the caller's copy wrong.
    """
    found = summary.summarise(caller.user_id, periods.choose(query.first, query.last), query.bucket)
    figures = msgspec.structs.replace(found, as_of=None)
    tag = hashlib.sha256(msgspec.json.encode(figures)).hexdigest()[:32]
    headers = {"ETag": f'W/"{tag}"'}
    if request.if_none_match.contains_weak(tag):
        return Reply(status=304, headers=headers)
    return Reply(found, headers=headers)


@router.route("GET", "/v1/analytics/export.csv")
def export_entries(caller: Caller, query: Days) -> Response:
    """Stream the entries of a range, however many there are."""
    period = periods.choose(query.first, query.last)
    name = f"events-{period.first}-{period.last}.csv"
    response = Response(export.lines(caller.user_id, period), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@functions_framework.http
def api(request: Request) -> Response:
    """Serve the routes above."""
    return router.dispatch(request)
