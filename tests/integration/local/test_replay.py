"""What the Pub/Sub emulator took with it when it ended is announced again."""

from uuid import uuid4

import pytest

from emulators import provision, replay
from emulators.environment import DATASET, PROJECT

pytestmark = pytest.mark.integration


@pytest.fixture
def books(postgres, database, bigquery, monkeypatch):
    """The owner's connection to a ledger whose one event has left the outbox for a warehouse that never got it."""
    variables = {
        "DATABASE_USER": postgres.user,
        "DATABASE_PASSWORD": postgres.password,
        "DATABASE_HOST": postgres.host,
        "DATABASE_PORT": str(postgres.port),
        "DATABASE_NAME": database,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    client = provision.bigquery_client(PROJECT)
    client.delete_dataset(DATASET, delete_contents=True, not_found_ok=True)
    provision.make_warehouse(client, DATASET)
    connection = postgres.connect(database)
    user = uuid4()
    connection.run("SELECT ledger.open_account(:user, 'Dewi Lestari')", user=user)
    connection.run("SELECT * FROM ledger.post_top_up(:id, :user, 25000)", id=uuid4(), user=user)
    connection.run("SELECT outbox.acknowledge(ARRAY(SELECT id FROM outbox.claim_traced(10, interval '1 minute')))")
    yield connection
    connection.close()


def test_an_event_that_never_arrived_waits_in_the_outbox_again(books):
    """Its id is the first one's, so that whoever has it already takes no notice."""
    ((lost,),) = books.run("SELECT event_id FROM outbox.published")
    assert books.run("SELECT event_id FROM outbox.events") == []

    assert replay.replay() == 1
    assert books.run("SELECT event_id FROM outbox.events") == [[lost]]

    replay.replay()
    assert books.run("SELECT event_id FROM outbox.events") == [[lost]]


def test_the_notices_that_were_published_last_are_announced_again_however_long_ago(books):
    """What stood still for a night has its last minutes in the evening before."""
    for _ in range(2):
        books.run("SELECT outbox.append('wallet-notices', 'security.noticed', 1, 'x', '{}')")
    books.run("SELECT outbox.acknowledge(ARRAY(SELECT id FROM outbox.claim_traced(10, interval '1 minute')))")
    books.run(
        "UPDATE outbox.published SET published_at = published_at - interval '9 hours', occurred_at = occurred_at - interval '9 hours'"
    )

    replay.replay()

    assert books.run("SELECT count(*) FROM outbox.events WHERE event_type = 'security.noticed'") == [[2]]
