"""warehouse — stands in for what BigQuery and Pub/Sub do between themselves in the cloud, without our code.

BigQuery subscriptions   each message of the topic becomes a row: fields by name, metadata columns,
                         at least once; a message that is no row goes to the dead letters after
                         the subscription's number of deliveries
Scheduled queries        every query of terraform/schemas/scheduled.json

`python -m emulators.warehouse` runs until SIGTERM or SIGINT. Where HOST and PORT are set it
answers GET / there: 200 once a pull has worked, 503 before.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.api_core.exceptions import DeadlineExceeded, GoogleAPIError, RetryError
from google.cloud import bigquery, pubsub_v1
from google.pubsub_v1.types import ReceivedMessage
from requests.exceptions import RequestException

from emulators.provision import bigquery_client, definitions, sql
from shared import events, trace

# One insert of 1,000 rows takes the emulator 25 ms, 1,000 inserts of one row 9 s.
BATCH_MESSAGES_MAX = 1000
PULL_TIMEOUT_SECONDS = 2
INSERT_TIMEOUT_SECONDS = 10
RETRY_SECONDS = 1.0

# Nightly in the cloud; often here, so that a day opened again does not stay open until tomorrow.
SCHEDULED_EVERY_SECONDS = 600
SCHEDULED_TIMEOUT_SECONDS = 120


def _is_timestamp(value: Any) -> bool:
    """Return whether the warehouse will take `value` for a time: one bad row in a batch would hold up all of them."""
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


TYPES: dict[str, Callable[[Any], bool]] = {
    "STRING": lambda value: isinstance(value, str),
    "TIMESTAMP": _is_timestamp,
    "INTEGER": lambda value: isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63,
    "JSON": lambda value: isinstance(value, str),
}


class RowInvalid(ValueError):
    """The message does not fit the table."""


class BigQuerySubscription:
    """One BigQuery subscription: pulls, inserts, acknowledges what was inserted."""

    def __init__(self, name: str, client: bigquery.Client, dataset: str) -> None:
        definition = definitions("subscriptions.json")[name]
        self.name = f"projects/{client.project}/subscriptions/{name}"
        self.table = f"{client.project}.{dataset}.{definition['table']}"
        self.columns = definitions(definitions("tables.json")[definition["table"]]["schema"])
        self.deadline_seconds = definition["ack_deadline_seconds"]
        self.client = client
        self.subscriber = pubsub_v1.SubscriberClient()
        self.ready = False

    def run(self, stopping: threading.Event) -> None:
        """Carry messages until `stopping`, whatever fails on the way."""
        while not stopping.is_set():
            try:
                self.carry(stopping)
            except (GoogleAPIError, RetryError, RequestException) as error:
                sys.stderr.write(f"{self.name}: {type(error).__name__}, trying again\n")
                stopping.wait(RETRY_SECONDS)

    def carry(self, stopping: threading.Event) -> int:
        """Carry one batch and return how many rows were written."""
        messages = self._pull()
        self.ready = True
        good, bad, rows, spans = [], [], [], []
        for message in messages:
            try:
                rows.append(row(message, self.columns, self.name))
                good.append(message.ack_id)
                spans += _begun(message, self.name)
            except RowInvalid as error:
                sys.stderr.write(f"{message.message.message_id} is no row: {error}\n")
                bad.append(message.ack_id)
        if bad:
            self._set_deadline(bad, 0)
        if rows:
            self._insert(rows, good, stopping)
            self.subscriber.acknowledge(subscription=self.name, ack_ids=good, timeout=PULL_TIMEOUT_SECONDS)
        for its, span in spans:
            its.end(span)
        trace.flush()
        return len(rows)

    def _pull(self) -> list[ReceivedMessage]:
        try:
            answer = self.subscriber.pull(
                subscription=self.name, max_messages=BATCH_MESSAGES_MAX, timeout=PULL_TIMEOUT_SECONDS, retry=None
            )
        except DeadlineExceeded:  # nothing came
            return []
        return list(answer.received_messages)

    def _insert(self, rows: list[dict[str, Any]], ack_ids: list[str], stopping: threading.Event) -> None:
        """Insert `rows`, holding on to the messages while the warehouse is away: its absence is no fault of theirs."""
        while not stopping.is_set():
            try:
                errors = self.client.insert_rows_json(self.table, rows, timeout=INSERT_TIMEOUT_SECONDS, retry=None)
            except (GoogleAPIError, RequestException) as error:
                sys.stderr.write(f"{self.table}: {type(error).__name__}, holding {len(rows)} rows\n")
                self._set_deadline(ack_ids, self.deadline_seconds)
                stopping.wait(RETRY_SECONDS)
                continue
            if errors:
                raise GoogleAPIError(f"{self.table} refused rows")
            return
        raise GoogleAPIError("stopped with rows in hand; they are delivered again")

    def _set_deadline(self, ack_ids: list[str], seconds: int) -> None:
        self.subscriber.modify_ack_deadline(
            subscription=self.name, ack_ids=ack_ids, ack_deadline_seconds=seconds, timeout=PULL_TIMEOUT_SECONDS
        )


def _begun(received: ReceivedMessage, subscription: str) -> list[tuple[trace.Trace, trace.Span]]:
    """Open a span in the trace that a message carries, if it carries one."""
    its = trace.continued(received.message.attributes.get(events.TRACE, ""))
    return [] if its is None else [(its, its.begin(f"write {subscription.rpartition('/')[2]}", trace.CONSUMER))]


def row(received: ReceivedMessage, columns: list[dict[str, str]], subscription: str) -> dict[str, Any]:
    """Return the row that Google would write for a message. Raises RowInvalid."""
    message = received.message
    try:
        fields = json.loads(message.data)
    except ValueError as error:
        raise RowInvalid("the data is not JSON") from error
    if not isinstance(fields, dict):
        raise RowInvalid("the data is not a record")
    values = {name: _plain(value) for name, value in fields.items()} | {
        "subscription_name": subscription,
        "message_id": message.message_id,
        "publish_time": message.publish_time.isoformat(),
        "attributes": json.dumps({**message.attributes, "ordering_key": message.ordering_key}),
    }
    return {column["name"]: _checked(column, values.get(column["name"])) for column in columns}


def run_scheduled_queries(client: bigquery.Client, dataset: str) -> None:
    """Run every scheduled query once."""
    for definition in definitions("scheduled.json").values():
        job = client.query(sql(definition["query"], client, dataset), timeout=SCHEDULED_TIMEOUT_SECONDS)
        job.result(timeout=SCHEDULED_TIMEOUT_SECONDS)


def main() -> None:
    """Run every BigQuery subscription and the scheduled queries until a signal ends them."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    client = bigquery_client(os.environ["GOOGLE_CLOUD_PROJECT"])
    dataset = os.environ["BIGQUERY_DATASET"]
    names = [name for name, kind in definitions("subscriptions.json").items() if kind["kind"] == "bigquery"]
    runners = [BigQuerySubscription(name, client, dataset) for name in names]
    threads = [threading.Thread(target=runner.run, args=(stopping,)) for runner in runners]
    for thread in threads:
        thread.start()
    _serve_health(runners)
    _schedule(client, dataset, stopping)
    for thread in threads:
        thread.join()


def _serve_health(runners: list[BigQuerySubscription]) -> None:
    """Answer on HOST:PORT, where they are set, whether every subscription is being pulled."""
    if "PORT" not in os.environ:
        return

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if all(runner.ready for runner in runners) else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: the runner asks every second."""

    server = ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"])), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def _schedule(client: bigquery.Client, dataset: str, stopping: threading.Event) -> None:
    due = time.monotonic()
    while not stopping.wait(max(0.0, due - time.monotonic())):
        due = time.monotonic() + SCHEDULED_EVERY_SECONDS
        try:
            run_scheduled_queries(client, dataset)
        except (GoogleAPIError, RequestException) as error:
            sys.stderr.write(f"scheduled queries: {type(error).__name__}, trying again later\n")


def _plain(value: Any) -> Any:
    """Return an Avro union's value without the object that names its type."""
    return next(iter(value.values()), None) if isinstance(value, dict) else value


def _checked(column: dict[str, str], value: Any) -> Any:
    if value is None:
        if column["mode"] == "REQUIRED":
            raise RowInvalid(f"{column['name']} is missing")
        return None
    if not TYPES[column["type"]](value):
        raise RowInvalid(f"{column['name']} is no {column['type']}")
    return value


if __name__ == "__main__":
    main()
