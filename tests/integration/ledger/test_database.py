"""The way to the database under faults: bound, queue, restarts, timeouts, retries, and answers that are lost."""

import threading
import time
from uuid import uuid4

import pytest

from shared import db, errors, ledger, pool
from tests.faults.proxy import Proxy

SLEEP = "SELECT pg_sleep($1)"


@pytest.fixture
def transfers(environment, books):
    """Make this process the transfers function: its login, a pool of its own, and no connection yet."""
    environment("transfers-api")
    pool.pool.cache_clear()
    drop_connections(books)
    yield
    pool.pool.cache_clear()


@pytest.fixture
def proxy(transfers, postgres, monkeypatch):
    """A proxy between this process and the database, and a pool of one connection through it."""
    proxy = Proxy(postgres.port)
    monkeypatch.setenv("DATABASE_PORT", str(proxy.port))
    monkeypatch.setenv("DATABASE_POOL_SIZE", "1")
    yield proxy
    proxy.close()


def backends(books, login="transfers"):
    [[count]] = books.run(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = :u AND datname = current_database()", u=login
    )
    return count


def drop_connections(books):
    """End every session of the transfers function, and return when they are gone."""
    books.run(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE usename = 'transfers' AND datname = current_database()"
    )


def test_a_refusal_keeps_its_connection(transfers, books):
    """A hundred refused payments are told over one connection: none is lost with its refusal."""
    held = []
    for _ in range(100):
        with pytest.raises(errors.NotFound) as refused:
            ledger.transfer(uuid4(), sender=uuid4(), payee="100000000008", amount=1, note="")
        held.append(refused)  # and with it the traceback, which would keep a lost connection open

    assert backends(books) == 1


def test_opens_no_more_connections_than_its_bound_and_queues_for_a_while(transfers, books, monkeypatch):
    """With every place taken the next caller waits, and is told to come back when that takes too long."""
    monkeypatch.setenv("DATABASE_POOL_SIZE", "2")
    monkeypatch.setattr(pool, "QUEUE_TIMEOUT_SECONDS", 0.3)
    taken, go_on = threading.Semaphore(0), threading.Event()

    def hold():
        with pool.pool().connection():
            taken.release()
            go_on.wait(60)

    holders = [threading.Thread(target=hold) for _ in range(2)]
    for holder in holders:
        holder.start()
        assert taken.acquire(timeout=60)
    assert backends(books) == 2

    began = time.monotonic()
    with pytest.raises(errors.Unavailable) as refused:
        db.call("SELECT 1")

    assert time.monotonic() - began > 0.2
    assert refused.value.status == 503
    assert refused.value.headers["Retry-After"] == "1"
    go_on.set()
    for holder in holders:
        holder.join()
    assert db.row("SELECT 1") == [1]
    assert backends(books) <= 2


def test_a_crowd_larger_than_the_pool_is_served_in_turn(transfers, books, monkeypatch):
    """Forty threads on three connections all get their answer."""
    monkeypatch.setenv("DATABASE_POOL_SIZE", "3")
    monkeypatch.setattr(pool, "QUEUE_TIMEOUT_SECONDS", 60)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(db.row(SLEEP + "::text", 0.01))) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 40
    assert backends(books) <= 3


def test_goes_on_after_the_database_has_dropped_every_connection(transfers, books, pair):
    """A restart is not noticed by the next caller, whether it reads or pays."""
    sender, payee = pair
    assert ledger.transfer(uuid4(), sender=sender.user_id, payee=payee.number, amount=1, note="")[1] is False
    for _ in range(3):
        drop_connections(books)
        assert ledger.transfer(uuid4(), sender=sender.user_id, payee=payee.number, amount=1, note="")[1] is False
    drop_connections(books)
    assert db.row("SELECT 1") == [1]


def test_says_that_the_database_is_away(transfers, monkeypatch):
    """Nobody listens: 503 with Retry-After, within the time to connect."""
    monkeypatch.setenv("DATABASE_PORT", "1")
    pool.pool.cache_clear()
    with pytest.raises(errors.Unavailable) as refused:
        db.call_once("SELECT 1")
    assert refused.value.headers["Retry-After"] == "1"


def test_a_commit_whose_answer_is_lost_is_unknown_until_it_is_asked_for_again(proxy, books, pair):
    """OutcomeUnknown, not a failure and not a second payment; the same request then tells the truth."""
    sender, payee = pair
    ledger.transfer(uuid4(), sender=sender.user_id, payee=payee.number, amount=1, note="")
    key = uuid4()
    order = {"sender": sender.user_id, "payee": payee.number, "amount": 500, "note": "x"}

    proxy.drop_next_answer()
    with pytest.raises(errors.OutcomeUnknown) as unknown:
        ledger.transfer(key, **order)

    assert unknown.value.status == 503
    assert unknown.value.headers["Retry-After"] == "1"
    assert books.balance(payee) == 501
    told, replayed = ledger.transfer(key, **order)
    assert replayed is True
    assert told.balance_after == 99_499
    assert books.balance(payee) == 501


def test_a_read_whose_answer_is_lost_is_asked_again(proxy, pair):
    """What changes nothing may be repeated, and nobody notices."""
    assert db.row("SELECT 7") == [7]
    proxy.drop_next_answer()
    assert db.row("SELECT 7") == [7]


def test_gives_up_waiting_for_a_lock_and_has_done_nothing(transfers, books, pair, postgres, database):
    """An account that stays locked answers 503, and the key is free afterwards."""
    sender, payee = pair
    other = postgres.connect(database)
    other.run("BEGIN")
    other.run("SELECT 1 FROM ledger.accounts WHERE number = :n FOR UPDATE", n=payee.number)
    key = uuid4()
    order = {"sender": sender.user_id, "payee": payee.number, "amount": 500, "note": ""}
    with pytest.raises(errors.Unavailable):
        ledger.transfer(key, **order)
    other.run("ROLLBACK")
    other.close()
    assert books.balance(payee) == 0
    assert ledger.transfer(key, **order)[1] is False


def test_a_statement_that_takes_too_long_is_stopped_and_not_sent_again(transfers, books):
    """The database's own limit ends it; a read says so at once, a commit says that it does not know."""
    books.run("ALTER ROLE transfers SET statement_timeout = '300ms'")
    try:
        began = time.monotonic()
        with pytest.raises(errors.Unavailable):
            db.call(SLEEP + "::text || 'a'", 5)
        with pytest.raises(errors.OutcomeUnknown):
            db.call_once(SLEEP + "::text || 'b'", 5)
        assert time.monotonic() - began < 4.5
    finally:
        books.run("ALTER ROLE transfers SET statement_timeout = '10000'")


def test_a_database_that_falls_silent_is_not_asked_twice(proxy, monkeypatch):
    """Two tries would take twice our patience and outlast the caller's; one that commits stays unknown."""
    monkeypatch.setattr(pool, "ANSWER_TIMEOUT_SECONDS", 1.0)
    for ask, told in ((db.call, errors.Unavailable), (db.call_once, errors.OutcomeUnknown)):
        assert ask("SELECT 1") == [[1]]
        proxy.set("blackhole")
        began = time.monotonic()
        with pytest.raises(told):
            ask("SELECT 1")
        assert 0.9 < time.monotonic() - began < 3
        proxy.set("pass")


@pytest.fixture
def flaky(books):
    """A routine that fails n times with a given SQLSTATE before it answers."""
    books.run("CREATE SEQUENCE public.tries")
    books.run(
        "CREATE FUNCTION public.flaky(p_times bigint, p_code text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS"
        " $$ DECLARE v_try bigint := nextval('public.tries'); BEGIN IF v_try <= p_times THEN"
        " RAISE EXCEPTION 'not yet' USING ERRCODE = p_code; END IF; RETURN v_try; END $$"
    )
    books.run("GRANT EXECUTE ON FUNCTION public.flaky(bigint, text) TO PUBLIC")
    yield "SELECT public.flaky($1, $2)"
    books.run("DROP FUNCTION public.flaky")
    books.run("DROP SEQUENCE public.tries")


def test_tries_again_after_a_deadlock(transfers, flaky):
    """Three times, and the caller notices nothing."""
    assert db.call_once(flaky, 3, "40P01") == [[4]]


def test_tries_again_after_a_serialization_failure(transfers, flaky):
    """As after a deadlock: the whole transaction was rolled back."""
    assert db.call(flaky, 2, "40001") == [[3]]


def test_tries_at_most_three_times_more(transfers, flaky, books):
    """Then it is 503, and nothing has happened."""
    with pytest.raises(errors.Unavailable):
        db.call_once(flaky, 100, "40P01")
    assert books.run("SELECT last_value FROM public.tries") == [[4]]


def test_a_refusal_is_told_after_the_barrier(transfers, books, pair, monkeypatch):
    """What rests on another's movement is told when that is on disk: the flush runs before the refusal."""
    sender, payee = pair
    asked = []
    call_once = db.call_once
    monkeypatch.setattr(
        db, "call_once", lambda sql, *values, **more: asked.append(sql) or call_once(sql, *values, **more)
    )
    with pytest.raises(errors.InsufficientFunds):
        ledger.transfer(uuid4(), sender=sender.user_id, payee=payee.number, amount=1_000_000, note="")
    assert asked[-1] == "CALL ledger.flush()"
