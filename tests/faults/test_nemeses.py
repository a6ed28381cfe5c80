"""Each nemesis does what its name says to a running part, counts it only then, and leaves everything as it was."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psutil
import pytest
import requests
from pg8000.native import Connection

from emulators import environment, postgres
from emulators.environment import Stack
from emulators.part import base_environment, kill_group, launch
from emulators.parts import functions
from emulators.ports import free_port
from tests import processes
from tests.faults.failpoints import ROOT, Board
from tests.faults.nemeses import BROKEN, Kit
from tests.faults.proxy import Proxy
from tests.waiting import until

MARKER = "a-payment"
pytestmark = pytest.mark.timeout(300)


class Tiny:
    """The smallest system that a kit can work on: a database, one function, and somebody who revives them."""

    def __init__(self, directory, secrets, jwks_url):
        self.directory = directory
        self.home = directory / "postgres"
        self.home.mkdir(parents=True)
        self.server = postgres.start(self.home, durable=True)
        postgres.migrate(self.server, "wallet", environment.logins(), secrets["DATABASE_PASSWORD"])
        self.database = Proxy(self.server.port)
        self.board = Board(directory / "points")
        self.clocks = directory / "clocks"
        self.clocks.mkdir()
        self.stack = Stack(secrets, jwks_url=jwks_url, database_port=self.database.port)
        self.stack.clock_file = self.clocks / "wallet-api"
        self.port = free_port()
        self.parts = {"postgres": self.server.part, "wallet-api": self.launch_wallet().wait_ready()}
        self.stopping = threading.Event()
        self.keeper = threading.Thread(target=self.revive, daemon=True)
        self.keeper.start()

    def launch_wallet(self):
        [described] = [part for part in functions() if part.name == "wallet-api"]
        return launch(
            "wallet-api", described.filled(sys.executable, "127.0.0.1", self.port), directory=ROOT, port=self.port,
            url=f"http://127.0.0.1:{self.port}", log=self.directory / "wallet.log",
            environment=base_environment() | self.stack.of("wallet-api") | self.board.environment,
            is_ready=lambda made: requests.get(f"{made.url}/healthz", timeout=2).ok,
        )  # fmt: skip

    def revive(self):
        while not self.stopping.wait(0.05):
            for name in [name for name, part in self.parts.items() if not part.alive]:
                kill_group(self.parts[name].process.pid)
                if name == "postgres":
                    self.server = postgres.start_launch(self.home, self.server.port, durable=True)
                self.parts[name] = self.server.part if name == "postgres" else self.launch_wallet()

    def pids(self):
        return {name: part.process.pid for name, part in self.parts.items()}

    def table(self):
        address = {
            "DATABASE_USER": postgres.SUPERUSER, "DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": self.server.port,
            "DATABASE_NAME": "wallet", "DATABASE_PASSWORD": self.server.password,
        }  # fmt: skip
        return {"parts": {name: {"url": part.url} for name, part in self.parts.items()}, "environment": address}

    def text(self):
        return ""

    def close(self):
        self.stopping.set()
        self.keeper.join()
        for part in self.parts.values():
            part.stop()
        self.database.close()


@pytest.fixture(scope="module")
def tiny(directory, secrets, jwks_url):
    made = Tiny(directory / f"tiny-{uuid4().hex[:6]}", secrets, jwks_url)
    yield made
    made.close()


@pytest.fixture
def kit(tiny):
    made = Kit(tiny, tiny.database, tiny.database, tiny.board, tiny.clocks, MARKER.encode())
    yield made
    made.heal()


@pytest.fixture
def look(tiny, signer):
    """Ask the wallet for somebody who has none: 404 is its good answer."""

    def ask(seconds=30):
        headers = signer.bearer(uuid4())
        return requests.get(f"{tiny.parts['wallet-api'].url}/v1/wallet", headers=headers, timeout=seconds).status_code

    return ask


def test_a_killed_part_is_another_process_afterwards(kit, tiny, look):
    before = tiny.pids()["wallet-api"]
    kit.kill("wallet-api")
    assert tiny.pids()["wallet-api"] != before
    assert look() == 404
    assert kit.done["kill -9: wallet-api"] == 1


def test_a_part_dies_at_a_point_when_somebody_comes_there_and_not_before(kit, look):
    assert not kit.kill_at("db.before_statement", "wallet-api", 0.5)
    with ThreadPoolExecutor(1) as other:
        struck = other.submit(kit.kill_at, "db.before_statement", "wallet-api", 20)
        until((kit.board.directory / "wallet-api@db.before_statement").exists)
        with pytest.raises(requests.ConnectionError):
            look()
        assert struck.result()
    assert look() == 404
    assert kit.done == {"kill -9 at a failpoint": 1}


@pytest.fixture
def is_stopped(tiny):
    """Whether no process of the wallet goes on."""

    def look():
        family = processes.family(tiny.pids()["wallet-api"])
        return all(process.status() == psutil.STATUS_STOPPED for process in family)

    return look


def test_a_paused_part_answers_nobody_until_it_goes_on(kit, look, is_stopped):
    with ThreadPoolExecutor(1) as other:
        paused = other.submit(kit.pause, "wallet-api", 3.0)
        until(is_stopped)
        with pytest.raises(requests.Timeout):
            look(seconds=0.5)
        paused.result()
    assert look() == 404
    assert kit.done["SIGSTOP: wallet-api"] == 1


def test_a_pause_that_a_kill_ends_is_not_counted(kit, look, is_stopped):
    with ThreadPoolExecutor(1) as other:
        paused = other.submit(kit.pause, "wallet-api", 3.0)
        until(is_stopped)
        kit.kill("wallet-api")
        paused.result()
    assert look() == 404
    assert not kit.done["SIGSTOP: wallet-api"]


def test_ended_backends_are_counted_and_replaced(kit, look):
    assert look() == 404
    kit.terminate_backends(5)
    assert kit.done["terminated backend"] >= 1
    assert look() == 404


@pytest.mark.parametrize("how", ["kill", "immediate"])
def test_a_crashed_database_keeps_what_was_committed_and_nothing_else(how, kit, tiny, look):
    with kit.owner() as books:
        books.run(f"CREATE TABLE kept_{how} AS SELECT 1 AS one")
        before = tiny.pids()["postgres"]
        books.run("BEGIN")
        books.run(f"INSERT INTO kept_{how} VALUES (2)")
        kit.crash_database(how)
        with pytest.raises(BROKEN):
            books.run("COMMIT")
    assert tiny.pids()["postgres"] != before
    with kit.owner() as books:
        assert books.run(f"SELECT * FROM kept_{how}") == [[1]]
    assert look() == 404
    assert kit.done["database crash"] == 1


@pytest.mark.parametrize(("where", "kept"), [("before", []), ("after", [[MARKER]])])
def test_a_cut_commit_has_happened_or_not_as_it_was_ordered(where, kept, kit, tiny):
    with kit.owner() as books:
        books.run(f"CREATE TABLE cut_{where} (word text)")
    address = tiny.table()["environment"]
    connection = Connection(
        address["DATABASE_USER"], host="127.0.0.1", port=tiny.database.port, database="wallet",
        password=address["DATABASE_PASSWORD"], ssl_context=False, timeout=20,
    )  # fmt: skip
    with ThreadPoolExecutor(1) as other:
        cut = other.submit(kit.cut_commit, where, 20)
        until(lambda: bool(tiny.database._cuts))
        with pytest.raises(BROKEN):
            connection.run(f"INSERT INTO cut_{where} VALUES ('{MARKER}')")
        assert cut.result()
    with kit.owner() as books:
        assert books.run(f"SELECT * FROM cut_{where}") == kept
    assert kit.done["cut commit"] == 1


def test_a_black_hole_before_the_database_ends_and_is_forgotten(kit, tiny, look):
    with ThreadPoolExecutor(1) as other:
        disturbed = other.submit(kit.disturb, "database", "blackhole", 3.0)
        until(lambda: not tiny.database._open.is_set())
        with pytest.raises(requests.Timeout):
            look(seconds=0.5)
        disturbed.result()
    assert look() == 404
    assert kit.done["blackhole: database"] == 1


def test_a_skewed_clock_is_one_functions_own_and_comes_back(kit, look):
    """An hour later a token of fifteen minutes is nobody's; in the present it is good again."""
    kit.set_clock("wallet-api", 3600)
    assert look() == 401
    kit.skew("wallet-api", 3600, 0.0)
    assert look() == 404
    assert kit.done["clock skew"] == 1


def test_an_exhausted_pool_is_counted_only_when_it_is(kit):
    """Nobody waits for these locks, so nothing was exhausted."""
    kit.exhaust_pool(0.3, [str(uuid4())])
    assert kit.done["exhausted pool"] == 0
