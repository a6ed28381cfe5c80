"""Nobody is told of money that a crash can still take away: reads wait for the flush of what they show."""

from uuid import UUID, uuid4

import pytest

from tests.integration.ledger.test_durability import Cluster
from tests.waiting import until

ROUTES = {
    "wallet": ("wallet", lambda key: "/v1/wallet", lambda body: body["version"]),
    "entries": (
        "wallet",
        lambda key: "/v1/wallet/entries",
        lambda body: 2 if str(body["items"][0]["amount"]) == "7" else 1,
    ),
    "receipt": ("transfers", lambda key: f"/v1/transfers/{key}", lambda body: 2),
}

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def cluster(directory, secrets):
    """A durable server whose WAL writer sleeps, so that only a flush of ours brings anything to disk."""
    made = Cluster(directory / f"reads-{uuid4().hex[:6]}", secrets["DATABASE_PASSWORD"])
    books = made.server.connect("wallet")
    books.run("ALTER SYSTEM SET wal_writer_delay = '10s'")
    books.run("SELECT pg_reload_conf()")
    until(lambda: books.run("SHOW wal_writer_delay") == [["10s"]])
    books.close()
    yield made
    made.server.stop()


def pay_without_a_flush(cluster: Cluster, sender: int, payee: int) -> UUID:
    """Commit a payment as a busy account's is committed, in the moment before its flush."""
    key = uuid4()
    books = cluster.server.connect("wallet")
    books.run("BEGIN")
    books.run("SET LOCAL synchronous_commit = off")
    books.run(
        "SELECT ledger.post_transfer(:i, :u, :n, 7, '')", i=key, u=cluster.people[sender], n=cluster.numbers[payee]
    )
    books.run("COMMIT")
    books.close()
    return key


@pytest.mark.parametrize("what", ROUTES)
def test_what_was_read_is_there_after_a_crash(what, cluster, load, signer):
    """The payee looks while the payment is seen and not yet on disk; the server dies; the payee was told the truth."""
    folder, path, version_of = ROUTES[what]
    sender, payee = 2 * list(ROUTES).index(what), 2 * list(ROUTES).index(what) + 1
    port = str(cluster.server.port)
    client = load(folder, "api", DATABASE_PORT=port, DATABASE_NAME="wallet").app.test_client()
    assert client.get(path(uuid4()), headers=signer.bearer(uuid4())).status_code in (200, 404)  # it is connected now
    key = pay_without_a_flush(cluster, sender, payee)

    answer = client.get(path(key), headers=signer.bearer(cluster.people[payee]))
    cluster.kill()

    assert answer.status_code == 200, answer.text
    books = cluster.restart()
    [[kept]] = books.run("SELECT version FROM ledger.accounts WHERE user_id = :u", u=cluster.people[payee])
    books.close()
    assert version_of(answer.json) == 2
    assert kept == 2, f"{what} told of a movement that the crash took back"


def test_a_payment_that_is_known_again_is_there_after_a_crash(cluster, load):
    """A key lets its payment pass without a proof once it is posted for good: else a crash would pay unproved."""
    sender, payee = 8, 9
    port = str(cluster.server.port)
    transfers = load("transfers", "api", DATABASE_PORT=port, DATABASE_NAME="wallet")
    key = pay_without_a_flush(cluster, sender, payee)
    with transfers.active():
        is_posted = transfers.modules["shared.ledger"].is_posted
        assert is_posted(key, sender=cluster.people[sender]) is True
        cluster.kill()

    books = cluster.restart()
    assert books.run("SELECT count(*) FROM ledger.transfers WHERE id = :i", i=key) == [[1]]
    books.close()
