"""What the tests of analytics share: a provisioned warehouse and ways to fill it."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from google.cloud import bigquery

from emulators.environment import DATASET, PROJECT
from emulators.part import Part
from emulators.provision import bigquery_client, definitions, make_warehouse
from emulators.warehouse import run_scheduled_queries
from shared.events import TransferPosted


@pytest.fixture(scope="module")
def warehouse(bigquery: Part) -> Iterator[bigquery.Client]:
    """An empty warehouse of this module's own."""
    client = bigquery_client(PROJECT)
    client.delete_dataset(DATASET, delete_contents=True, not_found_ok=True)
    make_warehouse(client, DATASET)
    yield client
    client.close()


@pytest.fixture(scope="module")
def api(deployment: Callable[..., FlaskClient], warehouse: bigquery.Client) -> FlaskClient:
    """The deployment, before its warehouse."""
    return deployment("analytics", "api")


@pytest.fixture(scope="module")
def land(warehouse: bigquery.Client) -> Callable[..., None]:
    """Write events into events_raw, as the subscription does, `copies` times each."""

    def write(landed: list[TransferPosted], *, copies: int = 1) -> None:
        names = [column["name"] for column in definitions("events_raw.json")]
        rows = [row(event, names, copy) for event in landed for copy in range(copies)]
        for start in range(0, len(rows), 1000):
            assert warehouse.insert_rows_json(f"{PROJECT}.{DATASET}.events_raw", rows[start : start + 1000]) == []

    return write


@pytest.fixture(scope="module")
def close_days(warehouse: bigquery.Client) -> Callable[[], None]:
    """Run the scheduled closing."""
    return lambda: run_scheduled_queries(warehouse, DATASET)


def row(event: TransferPosted, names: list[str], copy: int) -> dict[str, Any]:
    """The row of an event's copy."""
    fields: dict[str, Any] = {name: getattr(event, name, None) for name in names}
    fields |= {"message_id": f"{event.event_id}-{copy}", "publish_time": event.occurred_at}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in fields.items()} | {
        "occurred_at": event.occurred_at.isoformat(),
        "publish_time": event.occurred_at.isoformat(),
        "attributes": None,
    }
