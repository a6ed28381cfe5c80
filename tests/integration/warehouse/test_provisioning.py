"""Provisioning keeps what is there and adds what the definitions have gained."""

import json

import pytest

from emulators import provision
from emulators.environment import DATASET, PROJECT
from tests.integration.analytics.conftest import row as row_of
from tests.pipe import query, transfer_posted

TABLE = f"{PROJECT}.{DATASET}.events_raw"


@pytest.fixture
def client(bigquery):
    """A warehouse as the version before this one has made it."""
    made = provision.bigquery_client(PROJECT)
    made.delete_dataset(DATASET, delete_contents=True, not_found_ok=True)
    provision.make_warehouse(made, DATASET)
    return made


@pytest.fixture
def schemas(tmp_path, monkeypatch):
    """A copy of the definitions that a test may change, as a new version of the product would."""
    for file in provision.SCHEMAS.glob("*.*"):
        (tmp_path / file.name).write_text(file.read_text())
    monkeypatch.setattr(provision, "SCHEMAS", tmp_path)
    return tmp_path


def land(client, event, **more):
    """Write an event as the subscription does."""
    names = [column["name"] for column in provision.definitions("events_raw.json")]
    assert client.insert_rows_json(TABLE, [row_of(event, names, 0) | more]) == []


def test_a_table_gains_the_optional_fields_that_its_schema_has_gained(client, schemas):
    """Rows from before stay and have nothing there; new ones have the field; once more changes nothing."""
    land(client, before := transfer_posted())
    columns = json.loads((schemas / "events_raw.json").read_text())
    new = [
        {"name": "channel", "type": "STRING", "mode": "NULLABLE"},
        {"name": "fee", "type": "INTEGER", "mode": "NULLABLE"},
    ]
    (schemas / "events_raw.json").write_text(json.dumps(columns + new))

    for _ in range(2):
        provision.make_warehouse(client, DATASET)

    land(client, after := transfer_posted(), channel="web", fee=250)
    statement = "SELECT event_id, channel, fee FROM events_raw WHERE occurred_at > '2020-01-01'"
    found = {r["event_id"]: (r["channel"], r["fee"]) for r in query(client, statement)}
    assert found == {str(before.event_id): (None, None), str(after.event_id): ("web", 250)}
    assert [field.name for field in client.get_table(TABLE).schema][-2:] == ["channel", "fee"]
    seen = query(client, "SELECT event_id FROM events WHERE occurred_at > '2020-01-01'")
    assert len(seen) == 2


def test_a_required_field_is_not_added_to_rows_that_lack_it(client, schemas):
    """Only optional fields may come: the start says which one may not."""
    columns = json.loads((schemas / "events_raw.json").read_text())
    (schemas / "events_raw.json").write_text(
        json.dumps([*columns, {"name": "fee", "type": "INTEGER", "mode": "REQUIRED"}])
    )

    with pytest.raises(AssertionError, match=r"events_raw\.fee is new and not optional"):
        provision.make_warehouse(client, DATASET)
