"""world — a whole system of the bank test's own: started, peopled, struck, healed, drained and read out."""

import base64
import json
import os
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import requests
from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery

from emulators.environment import DATASET, PROJECT, deployments
from emulators.provision import bigquery_client
from tests.bank import books as read_out
from tests.bank.books import Account, Books, Transfer
from tests.bank.history import History
from tests.faults.failpoints import Board
from tests.faults.nemeses import AWAY, BROKEN, Kit
from tests.faults.proxy import Proxy
from tests.people import PASSWORD, PIN
from tests.running import Run
from tests.tokens import Signer
from tools import redrive

HOT, WIDE = 8, 200
HOT_AMOUNT, WIDE_AMOUNT = 400_000, 60_000
NOTE = "bank-payment"  # stands in every payment, so that the proxy knows its commit
DRAIN_SECONDS = 240.0
JOB_SECONDS = 600.0  # the full proof looks at every notification, one by one
SNAPSHOT = "SELECT id::text, version, balance FROM ledger.accounts"


@dataclass
class Person:
    """Somebody with a wallet; the hot ones are registered, and know a password and a PIN."""

    account: str
    number: str
    user_id: UUID
    session_id: UUID | None = None
    username: str = ""
    cookie: str = ""
    tokens: dict[str, Any] = field(default_factory=dict)


class World:
    """The system with its people, the proxies before its stores and its failpoints."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o755)
        self.clocks = directory / "clocks"
        self.clocks.mkdir()
        self.board = Board(directory / "failpoints")
        self.database = Proxy(lambda: int(self._address("DATABASE_PORT")))
        self.documents = Proxy(lambda: int(self._address("FIRESTORE_EMULATOR_HOST").rpartition(":")[2]))
        altered = self.board.environment | {
            "DATABASE_PORT": str(self.database.port),
            "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{self.documents.port}",
            "CLOCK_OFFSET_SECONDS_FILE": str(self.clocks / "{name}"),
            "PASSWORD_COST": "4",
            "PIN_COST": "4",
        }
        self.run = Run(
            directory / "run", DEATHS_MAX="1000000", EXPORT_SECONDS="4", FUNCTIONS_ENVIRONMENT=json.dumps(altered)
        )
        self.kit = Kit(self.run, self.database, self.documents, self.board, self.clocks, NOTE.encode())
        self.people: list[Person] = []
        self.strangers: list[Person] = []  # whom the seed made: nobody pays them, and they are read in the end
        self.is_rushing = False
        self.history = History(directory / "history.jsonl")
        self.signer: Signer
        self.url = ""
        self.provider_keys: dict[str, str] = {}

    @property
    def hot(self) -> list[Person]:
        """The few whom everybody pays."""
        return self.people[:HOT]

    def _address(self, name: str) -> str:
        try:
            return str(self.run.table()["environment"][name])
        except KeyError as error:
            raise ConnectionRefusedError from error

    def start(self) -> "World":
        """Start everything and make the people."""
        self.run.start().wait_ready()
        self.url = self.run.url
        secrets = json.loads((self.run.directory / "secrets.json").read_text())
        self.signer = Signer(secrets)
        self.provider_keys = json.loads(secrets["PROVIDER_KEYS"])
        self._people()
        for transfer in self._transfers():
            number = self.history.invoke("seed", key=transfer.id, account=transfer.credit, amount=transfer.amount)
            self.history.end(number, "ok")
        return self

    def close(self) -> None:
        """End the system."""
        self.run.stop()
        self.database.close()
        self.documents.close()
        self.history.close()

    def _people(self) -> None:
        registered = {}
        for number in range(HOT):
            body = {"username": f"panas{number}", "password": PASSWORD, "pin": PIN, "full_name": f"Hot {number}"}
            answer = requests.post(f"{self.run.url}/v1/users", json=body, timeout=30)
            assert answer.status_code == 201, answer.text
            registered[answer.json()["account_number"]] = answer
        with self.kit.owner() as books:
            strangers = {row[0] for row in books.run("SELECT number::text FROM ledger.accounts WHERE kind = 'user'")}
            strangers -= set(registered)
            for _ in range(WIDE):
                books.run("SELECT ledger.open_account(:u, 'Somebody')", u=uuid4())
            for account, number, user_id in books.run(
                "SELECT id::text, number::text, user_id FROM ledger.accounts WHERE kind = 'user' ORDER BY opened_at"
            ):
                person = Person(account, number, user_id)
                (self.strangers if number in strangers else self.people).append(person)
                if number in registered:
                    answer = registered[number]
                    person.username = answer.json()["user"]["username"]
                    cookie = answer.headers["Set-Cookie"].split(";")[0].partition("=")[2]
                    self.signed_in(person, answer.json()["access_token"], cookie)
                if number not in strangers:
                    amount = HOT_AMOUNT if number in registered else WIDE_AMOUNT
                    sql = "CALL ledger.settle_top_up(:t, :u, :a, NULL, NULL, NULL, NULL)"
                    books.run(sql, t=uuid4(), u=user_id, a=amount)

    def signed_in(self, person: Person, access_token: str, cookie: str) -> None:
        """Remember a person's session."""
        claims = access_token.split(".")[1]
        decoded = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))
        person.session_id, person.cookie = UUID(json.loads(decoded)["sid"]), cookie

    # Reading it out

    def snapshot(self) -> dict[str, list[int]] | None:
        """All versions and balances in one statement, told only once they are durable; None where nobody answers."""
        with suppress(*BROKEN), self.kit.owner() as books:
            rows = books.run(SNAPSHOT)
            books.run("CALL ledger.flush()")
            return {account: [version, balance] for account, version, balance in rows}
        return None

    def _transfers(self) -> list[Transfer]:
        with self.kit.owner() as books:
            return [Transfer(*row) for row in books.run(read_out.TRANSFERS)]

    def books(self) -> Books:
        """The ledger, the outbox and the warehouse as they stand."""
        with self.kit.owner() as owner:
            accounts = [Account(*row) for row in owner.run(read_out.ACCOUNTS)]
            [[waiting]] = owner.run(read_out.WAITING)
        return Books(self._transfers(), accounts, self.events(), waiting)

    def events(self) -> list[dict[str, Any]]:
        """The rows of the warehouse's view, each event once."""
        os.environ.update(self.run.table()["environment"])  # for Google's client
        client = bigquery_client(PROJECT)
        try:
            config = bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.{DATASET}")
            rows = client.query(read_out.EVENTS, job_config=config, timeout=120).result(timeout=120)
            return [dict(row) for row in rows]
        finally:
            client.close()

    # Draining

    def drain(self) -> None:
        """After the heal: let time pass, and the product's own jobs do what they do, until nothing is under way."""
        # What was left half done is looked at after 30 s; a dead relay's claim lasts as long.
        for name in deployments():
            self.kit.set_clock(name, 31)
        with self.kit.owner() as books:
            books.run("UPDATE outbox.events SET claimed_until = '-infinity' WHERE claimed_until > clock_timestamp()")
        self._until("the repair", lambda: self.post("reconciliation-check", {"pass": "repair"}).ok)
        self._until("the outbox", self._is_outbox_empty)
        self._until("the warehouse", self._has_everything_arrived)

    def _is_outbox_empty(self) -> bool:
        # The relay is at work: the scheduler starts the next one when one ends or dies.
        with self.kit.owner() as books:
            return bool(books.run(read_out.WAITING) == [[0]])

    def _has_everything_arrived(self) -> bool:
        return {event["transfer_id"] for event in self.events()} >= {t.id for t in self._transfers()}

    def full_proof(self) -> dict[str, Any]:
        """What the product's own full reconciliation says: its promises, each with what breaks it."""
        report = self.post("reconciliation-check", {"pass": "full", "grace_seconds": 0}).json()
        return {kept["promise"]: kept["findings"] for kept in report["promises"]}

    def redrive(self) -> None:
        """What an operator does after an outage: what was set aside after five deliveries is sent once more."""
        os.environ.update(self.run.table()["environment"])
        redrive.main(["--project", PROJECT])

    def post(self, part: str, body: dict[str, Any]) -> requests.Response:
        """Call a scheduled function as the scheduler does."""
        return requests.post(self.run.table()["parts"][part]["url"] + "/", json=body, timeout=JOB_SECONDS)

    def trigger(self, job: str) -> None:
        """Have the scheduler run one of its jobs now."""
        url = f"{self.run.table()['parts']['scheduler']['url']}/jobs/{job}"
        urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=120).close()

    def _until(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait for what must come by itself; what does not is told by the checker, which sees why."""
        ends = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < ends:
            with suppress(requests.RequestException, GoogleAPIError, *AWAY):
                if holds():
                    return
            time.sleep(0.5)
        print(f"{what} has not come to an end after {DRAIN_SECONDS:.0f} s")
