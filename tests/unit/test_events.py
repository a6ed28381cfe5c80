"""One definition of each event: strict before the wire, lenient behind it, and old readers go on reading."""

import copy
import json
from datetime import UTC
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events
from shared.events import EventInvalid, SecurityNotice, TransferPosted
from tests.pipe import payload_of, transfer_posted
from tools import schemas

FORBIDDEN = {"name", "holder_name", "account_number", "number", "note", "pin", "token", "username", "full_name", "ip"}

amounts = st.integers(min_value=-(2**63), max_value=2**63 - 1)
moments = st.datetimes(timezones=st.just(UTC))

posted = st.builds(
    TransferPosted,
    event_id=st.uuids(),
    occurred_at=moments,
    transfer_id=st.uuids(),
    kind=st.sampled_from(["transfer", "topup", "reversal"]),
    amount=amounts,
    debit_account_id=st.uuids(),
    credit_account_id=st.uuids(),
    debit_user_id=st.none() | st.uuids(),
    credit_user_id=st.none() | st.uuids(),
    debit_balance_after=amounts,
    credit_balance_after=amounts,
)
noticed = st.builds(
    SecurityNotice,
    event_id=st.uuids(),
    occurred_at=moments,
    user_id=st.uuids(),
    notice=st.sampled_from(["session_started", "pin_locked"]),
    data=st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3),
)


@given(posted | noticed)
def test_an_event_survives_the_wire(event):
    """What is decoded is what was encoded, for every event that there can be."""
    assert events.decode(event.event_type, events.encode(event)) == event


@given(posted)
def test_a_payload_of_the_database_becomes_the_event(event):
    """The relay joins the row's columns with its payload and has the event."""
    envelope = {"event_id": str(event.event_id), "event_type": event.event_type, "occurred_at": event.occurred_at}
    assert events.from_fields(event.event_type, payload_of(event) | envelope) == event


@pytest.mark.parametrize(
    "spoilt",
    [
        {"note": "lunch"}, {"holder_name": "Budi"}, {"amount": "25000"}, {"amount": 1.5}, {"amount": None},
        {"kind": "gift"}, {"currency": "USD"}, {"debit_account_id": "1"}, {"occurred_at": "2026-01-01T08:00:00"},
    ],
)  # fmt: skip
def test_what_is_not_the_event_does_not_leave(spoilt):
    """A field too many, a wrong type, an unknown kind or a time without a zone is refused before the wire."""
    event = transfer_posted()
    fields = payload_of(event) | {"event_id": str(event.event_id), "occurred_at": event.occurred_at}

    with pytest.raises(EventInvalid):
        events.from_fields("transfer.posted", fields | spoilt)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b'{"event_id": 1}'])
def test_what_is_no_event_is_said_to_be_none(data):
    """A reader is told so in one way, whatever it was given."""
    with pytest.raises(EventInvalid):
        events.decode("transfer.posted", data)
    with pytest.raises(EventInvalid):
        events.decode("weather.changed", data)


def test_a_newer_version_is_read_by_the_older_reader():
    """A field that this reader does not know is passed over."""
    event = transfer_posted()
    newer = json.loads(events.encode(event)) | {"channel": {"string": "web"}}

    assert events.decode("transfer.posted", json.dumps(newer).encode()) == event


@pytest.mark.parametrize("kind", events.TYPES.values(), ids=events.TYPES)
def test_nothing_that_names_a_person_is_a_field(kind):
    """The warehouse is pseudonymous because no event could carry a name, a number, a note or a secret."""
    assert not FORBIDDEN & set(kind.__struct_fields__)


class TestSchemas:
    """The Pub/Sub and BigQuery schemas come from the definitions, and what was published stays readable."""

    def test_the_files_are_fresh(self):
        assert [name for name, text in schemas.files().items() if (schemas.FOLDER / name).read_text() != text] == []

    @pytest.mark.parametrize("event_type", events.TYPES)
    def test_each_version_can_be_read_by_the_readers_of_the_one_before(self, event_type):
        kind = events.TYPES[event_type]
        versions = [
            json.loads((schemas.FOLDER / "versions" / f"{event_type}.{number}.avsc").read_text())
            for number in range(1, kind.version + 1)
        ]
        for older, newer in pairwise(versions):
            assert schemas.incompatibilities(older, newer) == []
        assert versions[-1] == schemas.avro(kind)

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            (lambda fields: fields.append({"name": "channel", "type": ["null", "string"], "default": None}), []),
            (lambda fields: fields.append({"name": "channel", "type": "string"}), ["channel is new and not optional"]),
            (lambda fields: fields[5].update(type="string"), ["amount was changed, moved or removed"]),
            (lambda fields: fields[5].update(name="sum"), ["amount was changed, moved or removed"]),
            (lambda fields: fields.pop(), ["credit_balance_after was changed, moved or removed"]),
        ],
        ids=["an optional field at the end", "a required field", "another type", "another name", "a field less"],
    )
    def test_a_new_version_may_only_add_optional_fields(self, change, complaint):
        older = schemas.avro(TransferPosted)
        newer = copy.deepcopy(older)
        change(newer["fields"])
        assert schemas.incompatibilities(older, newer) == complaint

    def test_a_published_version_is_never_written_again(self, tmp_path, monkeypatch):
        """Changing a type without raising its version is refused before a file is touched."""
        monkeypatch.setattr(schemas, "FOLDER", tmp_path)
        assert schemas.main([]) == 0
        held = tmp_path / "versions" / "transfer.posted.1.avsc"
        held.write_text(held.read_text().replace('"long"', '"string"'))

        assert schemas.main([]) == 1
        assert '"string"' in held.read_text()
        assert schemas.main(["--check"]) == 1

    def test_every_column_of_the_table_has_its_field(self):
        """The subscription fills columns by name: each is a field of the schema or metadata of Pub/Sub's."""
        fields = {field["name"]: field["type"] for field in schemas.avro(TransferPosted)["fields"]}
        own = [column for column in schemas.columns(TransferPosted) if column not in schemas.METADATA]
        assert [column["name"] for column in own] == list(fields)
        nullable = [column["name"] for column in own if column["mode"] == "NULLABLE"]
        assert nullable == [name for name, kind in fields.items() if kind == ["null", "string"]]
