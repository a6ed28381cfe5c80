"""warehouse — the one way to BigQuery: parameters in, rows out, within time and cost.

This is the one importer of the BigQuery SDK, and it imports it at the first query: the SDK costs
about 170 ms of cold start that /healthz and a refused request must not pay. A statement is a
constant; what varies is a query parameter, never text.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    with _faults():
        return [dict(row) for row in _run(statement, parameters, timeout_seconds)]


def pages(statement: str, parameters: Mapping[str, Any], *, timeout_seconds: float) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of `statement` page by page; the first page is at hand before this yields."""
    with _faults():
        for page in _run(statement, parameters, timeout_seconds).pages:
            yield [dict(row) for row in page]


def _run(statement: str, parameters: Mapping[str, Any], timeout_seconds: float) -> "RowIterator":
    """Start a job and wait for its rows; both together may take `timeout_seconds`.

    Without retries: whoever looks at a chart asks again, and so does the scheduler; a query that is
    repeated behind their backs is paid twice. The shorter jobs.query would save a round trip, but the
    local emulator hides a query's errors there.
    """
    never: Any = None
    ends = time.monotonic() + timeout_seconds
    with trace.span("query warehouse", attributes={"db.system.name": "gcp.bigquery"}):
        job = _client().query(
            statement, job_config=_job_config(parameters), timeout=timeout_seconds, retry=never, job_retry=never
        )
        left_seconds = max(0.1, ends - time.monotonic())
        return job.result(timeout=left_seconds, page_size=PAGE_ROWS_MAX, retry=never, job_retry=never)


def _job_config(parameters: Mapping[str, Any]) -> "QueryJobConfig":
    from google.cloud.bigquery import QueryJobConfig, ScalarQueryParameter

    return QueryJobConfig(
        default_dataset=f"{config.require('GOOGLE_CLOUD_PROJECT')}.{config.require('BIGQUERY_DATASET')}",
        query_parameters=[ScalarQueryParameter(name, TYPES[type(value)], value) for name, value in parameters.items()],
        maximum_bytes_billed=BYTES_BILLED_MAX,
        # The bill names who asked.
        labels={"deployment": config.optional("K_SERVICE") or "unnamed"},
    )


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
