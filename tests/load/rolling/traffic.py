"""People at work while something is deployed: each request is sent until it is answered, with the same key.

What a retry does not cure within PATIENCE_SECONDS is a failure, and so is an answer that no deployment
explains. Every payment that was acknowledged is remembered, to be found in the books afterwards.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import requests
from pg8000.native import Connection

from tests.tokens import Signer

PATIENCE_SECONDS = 30.0
ANSWER_SECONDS = 20.0
RENEW_SECONDS = 300.0
CURABLE = {429, 502, 503, 504}
Person = tuple[UUID, str]


def open_wallets(owner: Connection, count: int, amount: int = 1_000_000) -> list[Person]:
    """So many people with money: (user, account number)."""
    found = []
    for _ in range(count):
        user = uuid4()
        [[number]] = owner.run("SELECT ledger.open_account(:u, 'Somebody')", u=user)
        owner.run("CALL ledger.settle_top_up(:t, :u, :a, NULL, NULL, NULL, NULL)", t=uuid4(), u=user, a=amount)
        found.append((user, number))
    return found


@dataclass
class Traffic:
    """`address(deployment)` names where to send; it is asked before every try."""

    address: Callable[[str], str]
    people: list[Person]
    signer: Signer
    has_topups: bool = True
    paid: dict[str, tuple[UUID, str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    longest_seconds: float = 0.0

    @contextmanager
    def running(self, clients: int) -> Iterator[None]:
        """Keep so many people at work for the time of the block."""
        stopping = threading.Event()
        threads = [threading.Thread(target=self._work, args=(seed, stopping)) for seed in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stopping.set()
            for thread in threads:
                thread.join()

    def _work(self, seed: int, stopping: threading.Event) -> None:
        chance, session = random.Random(seed), requests.Session()
        acts = [self._pay, self._pay, self._pay, self._look] + ([self._top_up] if self.has_topups else [])
        while not stopping.is_set():
            chance.choice(acts)(session, chance)
        session.close()

    def _pay(self, session: requests.Session, chance: random.Random) -> None:
        (sender, _), (_, payee) = chance.sample(self.people, 2)
        key, amount = uuid4(), chance.randint(1, 9)
        headers = self.signer.bearer(sender) | {
            "Idempotency-Key": str(key), "X-Pin-Proof": self.signer.pin_proof(sender, key, payee, amount),
        }  # fmt: skip
        order = {"to_account": payee, "amount": amount, "note": "selama pemasangan"}
        answer = self._send(session, "POST", "transfers-api", "/v1/transfers", 201, headers=headers, json=order)
        if answer is not None:
            self.paid[str(key)] = (sender, payee)

    def _look(self, session: requests.Session, chance: random.Random) -> None:
        headers = self.signer.bearer(chance.choice(self.people)[0])
        self._send(session, "GET", "wallet-api", "/v1/wallet", 200, headers=headers)
        self._send(session, "GET", "wallet-api", "/v1/wallet/entries?limit=5", 200, headers=headers)

    def _top_up(self, session: requests.Session, chance: random.Random) -> None:
        headers = self.signer.bearer(chance.choice(self.people)[0]) | {"Idempotency-Key": str(uuid4())}
        made = self._send(session, "POST", "payments-api", "/v1/topups", 201, headers=headers, json={"amount": 10_000})
        if made is not None:
            path = "/v1/pay/" + made["pay_url"].rsplit("/", 1)[-1]
            self._send(session, "POST", "payments-callback", path, 200, json={"decision": "approve"})

    def _send(
        self, session: requests.Session, method: str, deployment: str, path: str, expected: int, **options: Any
    ) -> Any:
        """The JSON of the answer, however many tries it took; None where no patience was enough."""
        began, seen = time.monotonic(), []
        while time.monotonic() - began < PATIENCE_SECONDS:
            try:
                answer = session.request(method, self.address(deployment) + path, timeout=ANSWER_SECONDS, **options)
            except requests.RequestException as error:
                seen.append(type(error).__name__)
                time.sleep(0.2)
                continue
            if answer.status_code == expected:
                self._count(method, path, len(seen), time.monotonic() - began)
                return answer.json()
            seen.append(f"{answer.status_code} {answer.text[:200]}")
            if answer.status_code not in CURABLE:
                break
            time.sleep(min(float(answer.headers.get("Retry-After", "0.2")), 2.0))
        self.failures.append(f"{method} {path}: {seen[:3]} … {seen[-1]}")
        return None

    def _count(self, method: str, path: str, tries: int, seconds: float) -> None:
        self.counted[f"{method} {path.split('/')[2].partition('?')[0]}"] += 1
        self.counted["cured by a retry"] += bool(tries)
        self.longest_seconds = max(self.longest_seconds, seconds)


def check_books(owner: Connection, traffic: Traffic) -> None:
    """Every acknowledged payment stands there once, nothing else does, and all balances sum to zero."""
    posted = {str(row[0]) for row in owner.run("SELECT id FROM ledger.transfers WHERE kind = 'transfer'")}
    assert traffic.paid.keys() == posted, (len(traffic.paid), len(posted))
    assert owner.run("SELECT sum(balance) FROM ledger.accounts") == [[0]]
    assert owner.run("SELECT sum(amount) FROM ledger.entries") == [[0]]
    assert owner.run("SELECT count(*) FROM ledger.accounts WHERE kind = 'user' AND balance < 0") == [[0]]
