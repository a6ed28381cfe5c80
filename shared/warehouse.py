"""warehouse — the one way to BigQuery: parameters in, rows out, within time and cost.

This is the one importer of the BigQuery SDK, and it imports it at the first query: the SDK costs
about 170 ms of cold start that /healthz and a refused request must not pay. A statement is a
constant; what varies is a query parameter, never text.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from shared import config, log, trace
from shared.errors import Unavailable

if TYPE_CHECKING:
    from google.cloud.bigquery import Client, QueryJobConfig
    from google.cloud.bigquery.table import RowIterator

# A bug that reads everything stops here: 10 GiB are some 6 US cents. BigQuery compares the limit
# with whole partitions, before clustering narrows them to one person's rows.
BYTES_BILLED_MAX: Final = 10 * 1024**3

# A page of a long answer: 1,000 entries are 200 KB.
PAGE_ROWS_MAX: Final = 1000

TYPES: Final[dict[type, str]] = {str: "STRING", int: "INT64", datetime: "TIMESTAMP", date: "DATE"}


def rows(statement: str, parameters: Mapping[str, Any], *, timeout_seconds: float) -> list[dict[str, Any]]:
    """Return the rows of `statement`. Raises Unavailable where they are not there within the time."""
    with _faults(), _within(timeout_seconds):
        return [dict(row) for row in _run(statement, parameters, timeout_seconds)]


def pages(statement: str, parameters: Mapping[str, Any], *, timeout_seconds: float) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of `statement` page by page; the first page is at hand before this yields.

    The first page, and each one after it, may take `timeout_seconds`.
    """
    with _faults(), _within(timeout_seconds):
        found = _run(statement, parameters, timeout_seconds).pages
        page = next(found, None)
    while page is not None:
        yield [dict(row) for row in page]
        with _faults(), _within(timeout_seconds):
            page = next(found, None)


def _run(statement: str, parameters: Mapping[str, Any], timeout_seconds: float) -> "RowIterator":
    """Start a job and wait for its rows; both together may take `timeout_seconds`.

    Without retries: whoever looks at a chart asks again, and so does the scheduler; a query that is
    repeated behind their backs is paid twice. The shorter jobs.query would save a round trip, but the
    local emulator hides a query's errors there.
    """
    never: Any = None
    with trace.span("query warehouse", attributes={"db.system.name": "gcp.bigquery"}):
        config_of_job = _job_config(parameters, timeout_seconds)
        job = _client().query(
            statement, job_config=config_of_job, timeout=timeout_seconds, retry=never, job_retry=never
        )
        return job.result(timeout=_left_seconds(), page_size=PAGE_ROWS_MAX, retry=never, job_retry=never)


def _job_config(parameters: Mapping[str, Any], timeout_seconds: float) -> "QueryJobConfig":
    from google.cloud.bigquery import QueryJobConfig, ScalarQueryParameter

    return QueryJobConfig(
        default_dataset=f"{config.require('GOOGLE_CLOUD_PROJECT')}.{config.require('BIGQUERY_DATASET')}",
        query_parameters=[ScalarQueryParameter(name, TYPES[type(value)], value) for name, value in parameters.items()],
        maximum_bytes_billed=BYTES_BILLED_MAX,
        # Nobody waits for its rows any more, so BigQuery need not go on looking for them.
        job_timeout_ms=int(timeout_seconds * 1000),
        # The bill names who asked.
        labels={"deployment": config.optional("K_SERVICE") or "unnamed"},
    )


_ends: Final[ContextVar[float]] = ContextVar("ends")


@contextmanager
def _within(timeout_seconds: float) -> Iterator[None]:
    """Let the calls of this block end within `timeout_seconds`, all together."""
    before = _ends.set(time.monotonic() + timeout_seconds)
    try:
        yield
    finally:
        _ends.reset(before)


def _left_seconds() -> float:
    return max(0.1, _ends.get() - time.monotonic())


@contextmanager
def _faults() -> Iterator[None]:
    """Turn every way in which the warehouse can be away into Unavailable."""
    from concurrent.futures import TimeoutError as Late

    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    try:
        yield
    except (GoogleAPIError, GoogleAuthError, RequestException, Late) as error:
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
        return _bounded(Client(project=project, location=location))
    client = Client(
        project=project,
        location=location,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]  # google-auth has no types
        client_options=ClientOptions(api_endpoint=emulator),
    )
    return _bounded(client)


def _bounded(client: "Client") -> "Client":
    """Return `client` with every call of it ending when the time of its query does.

    The SDK waits at least 120 s for the rows of a job, whatever timeout it is given, and looks at the
    timeout of the whole only between two calls.
    """
    from requests.adapters import HTTPAdapter

    class InTime(HTTPAdapter):
        """Waits for an answer as long as the query has left."""

        def send(self, *arguments: Any, **options: Any) -> Any:
            return super().send(*arguments, **options | {"timeout": _left_seconds()})

    for scheme in ("https://", "http://"):
        client._http.mount(scheme, InTime())  # noqa: SLF001 - the SDK offers no other way
    return client
