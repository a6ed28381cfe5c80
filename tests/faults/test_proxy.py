"""The proxy does to a connection what it is told, and nothing else: each mode against a real server."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from tests.faults.proxy import ANSWER_END, Proxy
from tests.waiting import until

PATIENCE_SECONDS = 5


class Store:
    """A server that remembers what it is sent and answers each piece with its length, as Postgres ends an answer."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard: list[bytes] = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection: socket.socket) -> None:
        with suppress(OSError):
            while data := connection.recv(65_536):
                self.heard.append(data)
                connection.sendall(b"got %d;" % len(data) + ANSWER_END)


@pytest.fixture
def store():
    made = Store()
    yield made
    made.listener.close()


@pytest.fixture
def proxy(store):
    made = Proxy(store.port)
    yield made
    made.close()


def dial(proxy):
    connection = socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE_SECONDS)
    connection.settimeout(PATIENCE_SECONDS)
    return connection


def ask(connection, words, seconds=PATIENCE_SECONDS):
    """Send, and return the answer; None where none comes in time."""
    connection.settimeout(seconds)
    connection.sendall(words)
    try:
        return connection.recv(65_536)
    except TimeoutError:
        return None


def is_reset(connection):
    """Whether the other end has gone without a word."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_passes_everything_both_ways(proxy, store):
    """A megabyte arrives whole, and so does its answer."""
    with dial(proxy) as connection:
        assert ask(connection, b"hello").startswith(b"got 5;")
        connection.sendall(b"x" * 1_000_000)
        until(lambda: sum(map(len, store.heard)) == 1_000_005, timeout_seconds=PATIENCE_SECONDS)
    assert store.heard[0] == b"hello"


def test_delays_each_way(proxy):
    """A question and its answer each wait; afterwards nothing does."""
    proxy.set("delay", seconds=0.3)
    with dial(proxy) as connection:
        began = time.monotonic()
        assert ask(connection, b"late").startswith(b"got 4;")
        assert time.monotonic() - began >= 0.6
        proxy.set("delay", seconds=2 * PATIENCE_SECONDS)
        proxy.set("pass")
        assert ask(connection, b"soon") == b"got 4;" + ANSWER_END


def test_throttles_to_so_many_bytes_a_second(proxy, store):
    """Ten thousand bytes at twenty thousand a second take half a second."""
    proxy.set("throttle", bytes_per_second=20_000)
    with dial(proxy) as connection:
        began = time.monotonic()
        connection.sendall(b"x" * 10_000)
        until(lambda: sum(map(len, store.heard)) == 10_000, timeout_seconds=PATIENCE_SECONDS)
        assert time.monotonic() - began >= 0.45


def test_a_black_hole_takes_everything_in_and_gives_it_back_when_it_ends(proxy, store):
    """Nothing passes and nothing breaks; what was sent arrives when the way is open again."""
    with dial(proxy) as connection:
        assert ask(connection, b"one").startswith(b"got 3;")
        proxy.set("blackhole")
        assert ask(connection, b"lost?", seconds=0.4) is None
        assert store.heard == [b"one"]
        proxy.set("pass")
        connection.settimeout(PATIENCE_SECONDS)
        assert connection.recv(100).startswith(b"got 5;")


def test_resets_what_is_open_and_what_comes(proxy, store):
    """Connections under way end at once, and new ones find nobody; then it passes again."""
    open_before = dial(proxy)
    assert ask(open_before, b"one").startswith(b"got 3;")
    proxy.set("reset")
    assert is_reset(open_before)
    with suppress(ConnectionResetError), dial(proxy) as refused:  # some learn of it before they have asked
        assert is_reset(refused)
    proxy.set("pass")
    with dial(proxy) as connection:
        assert ask(connection, b"two").startswith(b"got 3;")
    assert store.heard == [b"one", b"two"]


def test_cuts_before_a_pattern(proxy, store):
    """The store never hears it, though it came in two pieces; the next connection is whole."""
    proxy.cut_at(b"COMMIT", where="before")
    connection = dial(proxy)
    assert ask(connection, b"BEGIN").startswith(b"got 5;")
    connection.sendall(b"; COM")
    until(lambda: b"; COM" in store.heard, timeout_seconds=PATIENCE_SECONDS)
    connection.recv(100)
    connection.sendall(b"MIT")
    assert is_reset(connection)
    assert store.heard == [b"BEGIN", b"; COM"]
    assert proxy.cuts_done == 1
    with dial(proxy) as other:
        assert ask(other, b"COMMIT").startswith(b"got 6;")


def test_cuts_after_a_pattern(proxy, store):
    """The store hears it and answers; the one who asked never learns."""
    proxy.cut_at(b"COMMIT", where="after")
    connection, other = dial(proxy), dial(proxy)
    assert ask(other, b"SELECT").startswith(b"got 6;")
    connection.sendall(b"COMMIT")
    assert is_reset(connection)
    assert b"COMMIT" in store.heard
    assert proxy.cuts_done == 1
    assert ask(other, b"COMMIT").startswith(b"got 6;"), "one cut was asked for"


def test_cuts_at_an_answer(proxy, store):
    """The pattern may be in what the store says."""
    proxy.cut_at(rb"got 7", where="before", way="answer")
    connection = dial(proxy)
    assert ask(connection, b"short").startswith(b"got 5;")
    connection.sendall(b"seven..")
    assert is_reset(connection)
    assert store.heard == [b"short", b"seven.."]


def test_does_something_else_at_a_pattern(proxy):
    """A test may act in the moment between an answer and its arrival."""
    moments = []
    proxy.cut_at(rb"got 6", where="before", way="answer", then=lambda: moments.append("now"))
    with dial(proxy) as connection:
        assert ask(connection, b"COMMIT").startswith(b"got 6;")
    assert moments == ["now"]


def test_follows_a_store_that_moves(store):
    """The target is asked for at each connection, so a store may come back elsewhere."""
    second = Store()
    where = [store.port]
    proxy = Proxy(lambda: where[0])
    with dial(proxy) as connection:
        ask(connection, b"first")
    where[0] = second.port
    with dial(proxy) as connection:
        ask(connection, b"second")
    assert (store.heard, second.heard) == ([b"first"], [b"second"])
    proxy.close()
    second.listener.close()
