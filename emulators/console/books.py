"""The ledger, the outbox and the warehouse of the run in figures, read as the database's owner."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pg8000.native
from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery
from requests.exceptions import RequestException

from emulators.provision import bigquery_client

QUERY_SECONDS = 10
# The table demands a bound on its partitions; this one leaves out none.
COUNT = """SELECT COUNT(DISTINCT event_id) AS number FROM `{dataset}.events_raw`
           WHERE occurred_at >= TIMESTAMP '2020-01-01'"""
ARRIVED = "SELECT DISTINCT event_id FROM `{dataset}.events_raw` WHERE occurred_at >= TIMESTAMP '2020-01-01'"

FIGURES = """
    SELECT (SELECT count(*) FROM ledger.transfers WHERE kind = 'transfer') AS transfers,
           (SELECT count(*) FROM ledger.transfers WHERE kind = 'topup') AS top_ups,
           (SELECT count(*) FROM ledger.transfers WHERE kind = 'reversal') AS reversals,
           (SELECT coalesce(sum(amount), 0) FROM ledger.entries) AS entries_sum,
           (SELECT coalesce(sum(balance), 0) FROM ledger.accounts) AS balances_sum,
           (SELECT coalesce(sum(balance), 0) FROM ledger.accounts WHERE kind = 'user') AS people_balance,
           (SELECT count(*) FROM outbox.events) AS outbox_waiting,
           (SELECT count(*) FROM outbox.events WHERE attempts >= 10) AS outbox_parked,
           (SELECT count(*) FROM outbox.published WHERE event_type = 'transfer.posted') AS published
"""
STREAM = """
    SELECT t.event_id::text, t.kind::text, t.amount, t.posted_at::text,
           EXISTS (SELECT FROM outbox.events AS e WHERE e.event_id = t.event_id) AS in_outbox,
           EXISTS (SELECT FROM outbox.published AS p WHERE p.event_id = t.event_id) AS is_published
    FROM ledger.transfers AS t ORDER BY t.posted_at DESC LIMIT 20
"""


@contextmanager
def owner() -> Iterator[pg8000.native.Connection]:
    """A connection as the database's owner, from the DATABASE_* variables."""
    connection = pg8000.native.Connection(
        os.environ["DATABASE_USER"], host=os.environ["DATABASE_HOST"], port=int(os.environ["DATABASE_PORT"]),
        database=os.environ["DATABASE_NAME"], password=os.environ["DATABASE_PASSWORD"], ssl_context=False,
        timeout=QUERY_SECONDS,
    )  # fmt: skip
    try:
        yield connection
    finally:
        connection.close()


def figures() -> dict[str, int | None]:
    """Counts and sums of the ledger, the outbox and the warehouse; `entries_sum` must be 0.

    `warehouse_events` is None while the warehouse does not answer.
    """
    with owner() as connection:
        (row,) = _named(connection, FIGURES)
    values: dict[str, int | None] = {name: int(value) for name, value in row.items()}
    return values | {"warehouse_events": _warehouse_count()}


def stream() -> list[dict[str, Any]]:
    """The newest transfers with how far each one's event has come."""
    with owner() as connection:
        rows = _named(connection, STREAM)
    there = arrived([row["event_id"] for row in rows])
    return [row | {"in_warehouse": row["event_id"] in there} for row in rows]


def _named(connection: pg8000.native.Connection, sql: str) -> list[dict[str, Any]]:
    rows = connection.run(sql)
    names = [column["name"] for column in connection.columns]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _warehouse_count() -> int | None:
    rows = _warehouse(COUNT, [])
    return None if rows is None else int(rows[0]["number"])


def arrived(among: list[str] | None = None) -> set[str]:
    """The ids of the events in the warehouse, of all or of those `among` which is asked."""
    chosen = "" if among is None else " AND event_id IN UNNEST(@among)"
    asked = [] if among is None else [bigquery.ArrayQueryParameter("among", "STRING", among)]
    return {str(row["event_id"]) for row in _warehouse(ARRIVED + chosen, asked) or []}


def _warehouse(sql: str, parameters: list[bigquery.ArrayQueryParameter]) -> list[Any] | None:
    client = bigquery_client(os.environ["GOOGLE_CLOUD_PROJECT"])
    dataset = f"{client.project}.{os.environ['BIGQUERY_DATASET']}"
    try:
        asked = bigquery.QueryJobConfig(query_parameters=parameters)
        job = client.query(sql.format(dataset=dataset), asked, timeout=QUERY_SECONDS, retry=None)
        return list(job.result(timeout=QUERY_SECONDS))
    except (GoogleAPIError, RequestException, TimeoutError):
        return None
    finally:
        client.close()
