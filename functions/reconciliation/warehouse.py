"""warehouse — the one user of the BigQuery SDK here: the warehouse's own figures, to compare with the ledger's."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from findings import Span
from shared import clock, config, log
from shared.errors import Unavailable

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

# A full proof reads every day's events; the nightly one a day or two.
ANSWER_TIMEOUT_SECONDS = 60
REQUEST_TIMEOUT_SECONDS = 60

# The full proof of ten million events reads three narrow columns, some 500 MB.
BYTES_BILLED_MAX = 10 * 1024**3

TYPES: dict[type, str] = {datetime: "TIMESTAMP", date: "DATE"}

DAY_SUMS = """
    SELECT DATE(occurred_at, 'Asia/Jakarta') AS day, COUNT(*) AS event_count, SUM(amount) AS total_amount
    FROM events
    WHERE occurred_at >= @since AND occurred_at < @until
    GROUP BY day
"""

# A day whose beginning lies before the span is left out: its events are not all in it.
STALE_DAYS = """
    SELECT closings.day, closings.event_count, closings.total_amount,
           COALESCE(landed.event_count, 0) AS landed_count, COALESCE(landed.total_amount, 0) AS landed_amount
    FROM closings
    LEFT JOIN (
      SELECT DATE(occurred_at, 'Asia/Jakarta') AS day, COUNT(*) AS event_count, SUM(amount) AS total_amount
      FROM events
      WHERE occurred_at >= @since AND occurred_at < @until
      GROUP BY day
    ) AS landed ON landed.day = closings.day
    WHERE closings.day >= @first
      AND (closings.event_count != COALESCE(landed.event_count, 0)
           OR closings.total_amount != COALESCE(landed.total_amount, 0))
    ORDER BY closings.day
"""

OPEN_DAYS = "DELETE FROM closings WHERE day >= @day"


def day_sums(span: Span) -> dict[date, tuple[int, int]]:
    """Return how many events each Jakarta day of a span has, and of what amount."""
    found = _rows(DAY_SUMS, {"since": span.since, "until": span.until})
    return {row["day"]: (row["event_count"], row["total_amount"]) for row in found}


def stale_days(span: Span) -> list[tuple[date, tuple[int, int], tuple[int, int]]]:
    """Return the closed days whose sums are not those of their events: (day, expected, found)."""
    first = span.since.astimezone(clock.JAKARTA).date()
    if span.since.astimezone(clock.JAKARTA).timetz() != datetime.min.replace(tzinfo=clock.JAKARTA).timetz():
        first += timedelta(days=1)
    found = _rows(STALE_DAYS, {"since": span.since, "until": span.until, "first": first})
    return [
        (row["day"], (row["landed_count"], row["landed_amount"]), (row["event_count"], row["total_amount"]))
        for row in found
    ]


def open_days(day: date) -> None:
    """Take `day`, and those after it, as not closed: sums come from the events again until the next closing."""
    _rows(OPEN_DAYS, {"day": day})


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    from google.cloud.bigquery import QueryJobConfig, ScalarQueryParameter

    configuration = QueryJobConfig(
        default_dataset=f"{config.require('GOOGLE_CLOUD_PROJECT')}.{config.require('BIGQUERY_DATASET')}",
        query_parameters=[ScalarQueryParameter(name, TYPES[type(value)], value) for name, value in parameters.items()],
        maximum_bytes_billed=BYTES_BILLED_MAX,
        labels={"deployment": "reconciliation-check"},
    )
    with _faults():
        job = _client().query(statement, job_config=configuration, timeout=REQUEST_TIMEOUT_SECONDS)
        return [dict(row) for row in job.result(timeout=ANSWER_TIMEOUT_SECONDS)]


@contextmanager
def _faults() -> Iterator[None]:
    """Turn every way in which the warehouse can be away into Unavailable."""
    from concurrent.futures import TimeoutError as Late

    from google.api_core.exceptions import GoogleAPIError
    from requests.exceptions import RequestException

    try:
        yield
    except (GoogleAPIError, RequestException, Late) as error:
        log.write("ERROR", "The warehouse did not answer", error_type=type(error).__name__)
        raise Unavailable("The warehouse cannot be asked at the moment") from error


@cache
def _client() -> "Client":
    from google.api_core.client_options import ClientOptions
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.bigquery import Client

    project, location = config.require("GOOGLE_CLOUD_PROJECT"), config.require("BIGQUERY_LOCATION")
    emulator = os.environ.get("BIGQUERY_EMULATOR_HOST")
    if emulator is None:
        return Client(project=project, location=location)
    return Client(
        project=project,
        location=location,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]  # google-auth has no types
        client_options=ClientOptions(api_endpoint=emulator),
    )
