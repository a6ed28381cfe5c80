"""Each promise notices when it is broken, says where, and a pass that finds something ends loudly."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from google.cloud import firestore

from emulators.environment import DATASET, PROJECT
from emulators.warehouse import run_scheduled_queries
from tests.integration.reconciliation.conftest import broken

PAY = "CALL ledger.transfer(:i, :u, :n, :a, '', NULL, NULL, NULL, NULL, NULL)"
RAW = f"`{PROJECT}.{DATASET}.events_raw`"


@pytest.fixture(scope="module")
def behind(owner):
    """Write behind the books' back: without triggers, as nobody but a superuser could."""

    def run(statement, **values):
        owner.run("SET session_replication_role = replica")
        try:
            return owner.run(statement, **values)
        finally:
            owner.run("SET session_replication_role = origin")

    return run


@pytest.fixture(scope="module")
def people(open_wallet):
    return open_wallet(balance=5_000_000), open_wallet(balance=100_000, name="Budi Santoso")


@pytest.fixture
def moved(people, owner, carry, check):
    """A transfer that has arrived everywhere, in books that agree: its row."""
    payer, payee = people
    transfer_id = uuid4()
    owner.run(PAY, i=transfer_id, u=payer.user_id, n=payee.number, a=1000)
    carry()
    assert passes(check, "nightly").json["agrees"], "the books agree before they are broken"
    columns = "id, event_id, debit_account_id, credit_account_id, credit_version, posted_at"
    [row] = owner.run(f"SELECT {columns} FROM ledger.transfers WHERE id = :i", i=transfer_id)
    return dict(zip(columns.split(", "), row, strict=True))


def passes(check, kind, days=2):
    """A pass over the last days."""
    return check(kind, since=(datetime.now(UTC) - timedelta(days=days)).isoformat())


def where(event):
    """The rows of an event in the warehouse."""
    return f"{RAW} WHERE event_id = '{event['event_id']}' AND occurred_at > '2020-01-01'"


def test_entries_that_do_not_sum_to_zero(moved, check, behind):
    """An entry that was changed breaks the sum of its transfer, the chain of its account and the whole."""
    at = {"a": moved["credit_account_id"], "v": moved["credit_version"]}
    behind("UPDATE ledger.entries SET amount = amount + 5 WHERE account_id = :a AND version = :v", **at)
    try:
        nightly, full = passes(check, "nightly"), passes(check, "full")
    finally:
        behind("UPDATE ledger.entries SET amount = amount - 5 WHERE account_id = :a AND version = :v", **at)

    assert nightly.status_code == full.status_code == 500
    assert nightly.json["agrees"] is False
    assert {f["subject"] for f in broken(nightly)["entries_sum_to_zero"]} == {f"transfer {moved['id']}"}
    assert "balances_follow_from_entries" in broken(nightly)
    assert {f["subject"] for f in broken(full)["whole_ledger_balances"]} == {"sum of entries"}


def test_a_balance_that_its_entries_do_not_give(moved, check, behind):
    """Money that stands in an account and in no entry is named by account and version."""
    account = {"a": moved["debit_account_id"]}
    behind("UPDATE ledger.accounts SET balance = balance + 1 WHERE id = :a", **account)
    try:
        nightly, full = passes(check, "nightly"), passes(check, "full")
    finally:
        behind("UPDATE ledger.accounts SET balance = balance - 1 WHERE id = :a", **account)

    for answer, promise in (
        (nightly, "balances_follow_from_entries"),
        (full, "every_account_follows_from_its_entries"),
    ):
        (finding,) = broken(answer)[promise]
        assert finding["subject"] == f"account {moved['debit_account_id']}"
        assert "differs from its entries" in finding["found"]


@pytest.fixture
def short_stretches(load):
    """A reconciliation that proves two entries in one statement."""
    deployment = load("reconciliation", "check")
    deployment.modules["shared.ledger.chains"].ENTRIES_MAX = 2
    client = deployment.app.test_client()
    return lambda kind: client.post("/", json={"pass": kind, "grace_seconds": 0})


def test_an_account_is_proved_stretch_by_stretch(moved, short_stretches, behind, owner, people):
    """Sound books are found sound, and a missing entry of any stretch, its first and its last too, is named."""
    promise = "every_account_follows_from_its_entries"
    for _ in range(4):
        owner.run(PAY, i=uuid4(), u=people[0].user_id, n=people[1].number, a=1000)
    assert promise not in broken(short_stretches("full"))
    for version in range(1, moved["credit_version"] + 5):
        at = {"a": moved["credit_account_id"], "v": version}
        [row] = behind("DELETE FROM ledger.entries WHERE account_id = :a AND version = :v RETURNING *", **at)
        try:
            found = broken(short_stretches("full"))
        finally:
            places = ", ".join(f":p{n}" for n in range(len(row)))
            behind(f"INSERT INTO ledger.entries VALUES ({places})", **{f"p{n}": value for n, value in enumerate(row)})
        assert {f["subject"] for f in found[promise]} == {f"account {at['a']}"}


def test_a_gap_in_the_versions(moved, check, behind):
    """An entry that is missing leaves a gap behind, whether or not anything moved since."""
    at = {"a": moved["credit_account_id"], "v": moved["credit_version"]}
    [row] = behind("DELETE FROM ledger.entries WHERE account_id = :a AND version = :v RETURNING *", **at)
    try:
        answer = passes(check, "nightly")
    finally:
        places = ", ".join(f":p{n}" for n in range(len(row)))
        behind(f"INSERT INTO ledger.entries VALUES ({places})", **{f"p{n}": value for n, value in enumerate(row)})

    assert {"entries_sum_to_zero", "balances_follow_from_entries"} <= broken(answer).keys()


def test_a_user_below_zero(moved, check, behind, people):
    """What the constraint forbids is looked for all the same: a constraint can be dropped."""
    behind("ALTER TABLE ledger.accounts DROP CONSTRAINT no_overdraft")
    behind("UPDATE ledger.accounts SET balance = balance - 90000000 WHERE id = :a", a=moved["debit_account_id"])
    try:
        answer = passes(check, "nightly")
    finally:
        behind("UPDATE ledger.accounts SET balance = balance + 90000000 WHERE id = :a", a=moved["debit_account_id"])
        behind("ALTER TABLE ledger.accounts ADD CONSTRAINT no_overdraft CHECK (balance >= floor)")

    assert any("below zero" in f["found"] for f in broken(answer)["balances_follow_from_entries"])


def test_a_top_up_that_was_credited_twice(moved, check, behind, owner, people):
    """One id under two settlement accounts is one payment that was paid out twice."""
    [[top_up, debit]] = owner.run("SELECT id, debit_account_id FROM ledger.transfers WHERE kind = 'topup' LIMIT 1")
    other = UUID("00000000-0000-4000-8000-00000000003f") if debit.int & 0xFF != 0x3F else UUID(int=debit.int - 1)
    columns = "id, credit_account_id, kind, amount, note, debit_version, credit_version, debit_balance_after"
    columns += ", credit_balance_after, posted_at"
    behind(
        f"INSERT INTO ledger.transfers ({columns}, debit_account_id, event_id) SELECT {columns}, :o, gen_random_uuid() "
        "FROM ledger.transfers WHERE id = :t", o=other, t=top_up,
    )  # fmt: skip
    try:
        answer = passes(check, "nightly")
    finally:
        behind("DELETE FROM ledger.transfers WHERE id = :t AND debit_account_id = :o", o=other, t=top_up)

    assert [f["subject"] for f in broken(answer)["one_transfer_per_id"]] == [f"transfer {top_up}"]


def test_a_transfer_without_an_event(moved, check, behind):
    """An event that never stood in the outbox is missed by name."""
    delete = "DELETE FROM outbox.published WHERE event_id = :e RETURNING topic, event_type, occurred_at"
    [row] = behind(delete, e=moved["event_id"])
    try:
        nightly, full = passes(check, "nightly"), passes(check, "full")
    finally:
        behind(
            "INSERT INTO outbox.published (event_id, topic, event_type, occurred_at) VALUES (:e, :t, :y, :o)",
            e=moved["event_id"], t=row[0], y=row[1], o=row[2],
        )  # fmt: skip

    assert [f["subject"] for f in broken(nightly)["one_event_per_transfer"]] == [f"transfer {moved['id']}"]
    assert [f["subject"] for f in broken(full)["whole_ledger_balances"]] == ["events"]


def test_a_transfer_with_two_events(moved, check, behind):
    """A second event of a transfer, under an id of its own, is found by the night."""
    second = uuid4()
    behind(
        "INSERT INTO outbox.published (event_id, topic, event_type, occurred_at) "
        "VALUES (:e, 'wallet-events', 'transfer.posted', :o)",
        e=second, o=moved["posted_at"],
    )  # fmt: skip
    try:
        answer = passes(check, "nightly")
    finally:
        behind("DELETE FROM outbox.published WHERE event_id = :e", e=second)

    assert [f["subject"] for f in broken(answer)["one_event_per_transfer"]] == [f"event {second}"]


def test_an_outbox_that_does_not_drain(moved, check, behind):
    """An event that has waited for an hour, and one that is parked, are found by the pass of every five minutes."""
    for attempts in (1, 10):
        behind(
            "INSERT INTO outbox.events "
            "(event_id, topic, event_type, schema_version, ordering_key, occurred_at, payload, attempts, queued_at) "
            "VALUES (gen_random_uuid(), 'wallet-notices', 'security.noticed', 1, '', now(), '{}', :a, now() - interval '1 hour')",
            a=attempts,
        )
    try:
        answer = check("repair")
    finally:
        behind("DELETE FROM outbox.events WHERE event_type = 'security.noticed'")

    assert answer.status_code == 500
    waiting, parked = (f["found"] for f in broken(answer)["outbox_drains"])
    assert waiting.startswith("1 waiting, the oldest for 36")
    assert parked == "1"


def test_a_warehouse_that_lacks_a_days_event(moved, check, warehouse):
    """The day is named, with what it should have and what it has."""
    [kept] = warehouse.query(f"SELECT * FROM {where(moved)}").result()
    warehouse.query(f"DELETE FROM {where(moved)}").result()
    try:
        answer = passes(check, "nightly")
    finally:
        row = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in kept.items()}
        warehouse.insert_rows_json(RAW.strip("`"), [row | {"attributes": None}])

    (finding,) = broken(answer)["warehouse_equals_ledger"]
    assert finding["subject"].startswith("day 20")
    assert int(finding["expected"].split()[0]) == int(finding["found"].split()[0]) + 1


def test_a_closed_day_that_an_event_reached_late(moved, check, warehouse, owner, behind, carry):
    """The day is opened, so that its sums are right at once, and the next closing closes it anew.

    The night that the scheduler asks for sees it: its own span lies behind the last closed day.
    """

    def move_to(at):
        values = {"i": moved["id"], "t": at}
        behind("UPDATE ledger.transfers SET posted_at = :t WHERE id = :i", **values)
        behind("UPDATE ledger.entries SET posted_at = :t WHERE transfer_id = :i", **values)
        warehouse.query(f"DELETE FROM {where(moved)}").result()
        owner.run("SELECT ledger.replay_events(:t, CAST(:t AS timestamptz) + interval '1 minute')", t=at)
        carry()

    run_scheduled_queries(warehouse, DATASET)
    move_to(moved["posted_at"] - timedelta(days=5))

    answer = check("nightly")

    (finding,) = broken(answer)["closed_days_equal_events"]
    assert finding["repaired"] == "opened"
    run_scheduled_queries(warehouse, DATASET)
    assert "closed_days_equal_events" not in broken(passes(check, "nightly", days=7))
    move_to(moved["posted_at"])
    passes(check, "nightly", days=7)
    run_scheduled_queries(warehouse, DATASET)


def test_a_person_who_was_not_told(moved, check, people):
    """A notification that is missing is named by person and event."""
    client = firestore.Client(project=PROJECT)
    name = f"{people[1].user_id}.{moved['event_id']}"
    document = client.document("notifications", name)
    fields = document.get().to_dict()
    document.delete()
    try:
        answer = passes(check, "nightly")
    finally:
        document.set(fields)

    assert [f["subject"] for f in broken(answer)["inbox_is_complete"]] == [f"notification {name}"]
