"""demo — walk the main job over HTTP and check the books (`make demo`, BASE_URL= for a deployment).

Two people register; one tops up by QR, sends money to the other with her PIN, and both see it;
the event reaches the warehouse, the insights show it, and the history comes as CSV. Each step
prints its figures; the first that is not as it must be ends the demo with exit code 1.
"""

import csv
import io
import secrets
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import requests

from tools.running import running_system

TOP_UP = 100_000
SENT = 35_000
TIMEOUT_SECONDS = 20
SETTLED_SECONDS = 15
# Locally the relay runs all the time; in the cloud Scheduler wakes it every minute.
WAREHOUSE_SECONDS = 120
POLL_SECONDS = 0.5
PIN = "482915"


class Mismatch(Exception):
    """A figure or an answer is not what it must be."""


class Person:
    """Someone who uses the API with a session of their own."""

    def __init__(self, base_url: str, full_name: str) -> None:
        self.base_url = base_url
        self.full_name = full_name
        self.username = f"demo_{secrets.token_hex(6)}"
        self.http = requests.Session()
        self.account_number = ""

    def register(self) -> str:
        """Register, keep the access token, and return the password."""
        password = secrets.token_urlsafe(16)
        new = {"username": self.username, "password": password, "pin": PIN}
        answer = self.ask("POST", "/v1/users", 201, json=new | {"full_name": self.full_name})
        self.account_number = answer["account_number"]
        self.http.headers["Authorization"] = f"Bearer {answer['access_token']}"
        return password

    def ask(self, method: str, path: str, expected: int, **options: Any) -> Any:
        """The JSON of an answer whose status is `expected`; raises Mismatch otherwise."""
        answer = self.http.request(method, self.base_url + path, timeout=TIMEOUT_SECONDS, **options)
        if answer.status_code != expected:
            raise Mismatch(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else answer.text

    def balance(self) -> int:
        """The balance in whole rupiah."""
        return int(self.ask("GET", "/v1/wallet", 200)["balance"])


def main(arguments: list[str]) -> int:
    """Walk the main job at the address in `arguments`, else at the local system."""
    try:
        if arguments:
            walk(arguments[0].rstrip("/"), is_local=False)
        else:
            with running_system() as base_url:
                walk(base_url, is_local=True)
    except (Mismatch, requests.RequestException) as error:
        print(f"✗ {error}")
        return 1
    print("✓ Everything agrees.")
    return 0


def walk(base_url: str, *, is_local: bool) -> None:
    """The main job at `base_url`; raises Mismatch at the first figure that is wrong."""
    print(f"The main job at {base_url}")
    dewi, budi = Person(base_url, "Dewi Demo"), Person(base_url, "Budi Demo")
    for person in (dewi, budi):
        person.register()
        step(f"{person.full_name} registered", account=person.account_number, balance=person.balance())
    top_up(dewi)
    send(dewi, budi)
    histories = [show_history(person) for person in (dewi, budi)]
    wait_for_warehouse(dewi, budi)
    check_insights(dewi, budi)
    download(dewi, histories[0])
    check_books(dewi, budi, histories, is_local=is_local)


def step(text: str, **figures: object) -> None:
    """Print one step with its figures."""
    shown = "  ".join(
        f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}" for name, value in figures.items()
    )
    print(f"✓ {text:<34} {shown}")


def expect(what: str, found: object, wanted: object) -> None:
    """Raise Mismatch unless `found` is `wanted`."""
    if found != wanted:
        raise Mismatch(f"{what}: {found!r} instead of {wanted!r}")


def wait_until(what: str, holds: Callable[[], bool], seconds: float) -> float:
    """Wait until `holds`, at most `seconds`; returns how long it took."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise Mismatch(f"{what}: not within {seconds:.0f} s")
        time.sleep(POLL_SECONDS)
    return time.monotonic() - began


def top_up(person: Person) -> None:
    """Ask for a QR, let a stranger confirm at its public address, wait until the money is there."""
    payment = person.ask("POST", "/v1/topups", 201, json={"amount": TOP_UP}, headers={"Idempotency-Key": str(uuid4())})
    picture = person.ask("GET", f"/v1/topups/{payment['id']}/qr.svg", 200)
    expect("the QR is a picture", "<svg" in picture, True)
    stranger = Person(person.base_url, "a phone")
    path = "/v1/pay/" + payment["pay_url"].rsplit("/", 1)[-1]
    seen = stranger.ask("GET", path, 200)
    expect("the amount that the payer sees", seen["amount"], TOP_UP)
    step("The payer opened the QR's address", to=seen["payee_name"], amount=seen["amount"])
    stranger.ask("POST", path, 200, json={"decision": "approve"})
    status = f"/v1/topups/{payment['id']}"
    took = wait_until("the top-up", lambda: person.ask("GET", status, 200)["status"] == "settled", SETTLED_SECONDS)
    expect("the balance after the top-up", person.balance(), TOP_UP)
    step("The top-up is settled", amount=TOP_UP, balance=person.balance(), after=f"{took:.1f} s")


def send(sender: Person, payee: Person) -> None:
    """Check the payee's name, prove the PIN, send; once more with the same key, which must change nothing."""
    checked = sender.ask("GET", f"/v1/accounts/{payee.account_number}", 200)
    step("The name check", account=payee.account_number, name=checked["name"])
    key = str(uuid4())
    operation = {"type": "transfer", "id": key, "to_account": payee.account_number, "amount": SENT}
    proof = sender.ask("POST", "/v1/pin/proofs", 201, json={"pin": PIN, "operation": operation})["proof"]
    order = {"to_account": payee.account_number, "amount": SENT, "note": "demo"}
    headers = {"Idempotency-Key": key, "X-Pin-Proof": proof}
    first = sender.ask("POST", "/v1/transfers", 201, json=order, headers=headers)
    again = sender.ask("POST", "/v1/transfers", 201, json=order, headers=headers)
    expect("the answer to the same request", again, first)
    expect("the sender's balance", sender.balance(), TOP_UP - SENT)
    expect("the payee's balance", payee.balance(), SENT)
    step("Sent with a PIN, twice, moved once", amount=SENT, sender=sender.balance(), payee=payee.balance())


def show_history(person: Person) -> list[dict[str, Any]]:
    """The person's entries, whose running balances must follow from one another."""
    items: list[dict[str, Any]] = person.ask("GET", "/v1/wallet/entries", 200)["items"]
    balance = 0
    for item in reversed(items):
        balance += signed(item)
        expect("the running balance", item["balance_after"], balance)
    expect("the history's last balance", balance, person.balance())
    step(f"{person.full_name}'s history", entries=len(items), balance=balance)
    return items


def signed(entry: dict[str, Any]) -> int:
    """An entry's amount, negative where money left."""
    return int(entry["amount"]) if entry["direction"] == "in" else -int(entry["amount"])


def summary(person: Person) -> dict[str, Any]:
    """The person's totals from the warehouse."""
    totals: dict[str, Any] = person.ask("GET", "/v1/analytics/summary", 200)["totals"]
    return totals


def wait_for_warehouse(dewi: Person, budi: Person) -> None:
    """Wait until the warehouse knows both movements."""

    def arrived() -> bool:
        mine, theirs = summary(dewi), summary(budi)
        return (mine["in_count"], mine["out_count"], theirs["in_count"]) == (1, 1, 1)

    took = wait_until("the events in the warehouse", arrived, WAREHOUSE_SECONDS)
    step("The events are in the warehouse", events=2, after=f"{took:.1f} s")


def check_insights(dewi: Person, budi: Person) -> None:
    """The warehouse's totals must be the ledger's."""
    mine, theirs = summary(dewi), summary(budi)
    expect("Dewi's totals", (mine["in_amount"], mine["out_amount"]), (TOP_UP, SENT))
    expect("Budi's totals", (theirs["in_amount"], theirs["out_amount"]), (SENT, 0))
    step("The insights agree", incoming=mine["in_amount"], outgoing=mine["out_amount"], net=mine["net_amount"])


def download(person: Person, entries: list[dict[str, Any]]) -> None:
    """The history as CSV must hold every entry."""
    today = datetime.now(ZoneInfo("Asia/Jakarta")).date()
    period = {"from": str(today - timedelta(days=1)), "to": str(today), "format": "csv"}
    text = person.ask("GET", "/v1/wallet/statement", 200, params=period)
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    lines = [row for row in rows if any(str(entry["balance_after"]) in row for entry in entries)]
    expect("entries in the CSV", len(lines) >= len(entries), True)
    step("The history as CSV", lines=len(rows), bytes=len(text.encode()))


def check_books(dewi: Person, budi: Person, histories: list[list[dict[str, Any]]], *, is_local: bool) -> None:
    """The demo's own figures, and in a local run those of the whole ledger and warehouse."""
    mine = histories[0]
    transfers = sum(entry["kind"] == "transfer" for entry in mine)
    top_ups = sum(entry["kind"] == "topup" for entry in mine)
    # The top-up's other entry stands on a settlement account: minus its amount.
    entries_sum = sum(signed(entry) for history in histories for entry in history) - TOP_UP
    events = summary(dewi)["in_count"] + summary(budi)["in_count"]
    print(f"\n  transfers {transfers}, top-ups {top_ups}, Σ entries {entries_sum}")
    print(f"  events in the warehouse {events} = transfers + top-ups {transfers + top_ups}")
    in_warehouse = sum(summary(person)[way] for person in (dewi, budi) for way in ("in_amount", "out_amount"))
    in_ledger = sum(entry["amount"] for history in histories for entry in history)
    print(f"  analytics totals {in_warehouse:,} = ledger totals {in_ledger:,}")
    expect("analytics totals", in_warehouse, in_ledger)
    expect("transfers, top-ups, Σ entries", (transfers, top_ups, entries_sum), (1, 1, 0))
    expect("events in the warehouse", events, transfers + top_ups)
    if is_local:
        _check_whole_ledger(dewi)


def _check_whole_ledger(person: Person) -> None:
    """The console's figures of everything that this system has ever posted."""

    def agrees() -> bool:
        books = person.ask("GET", "/__dev/api/books", 200)
        events = books["transfers"] + books["top_ups"] + books["reversals"]
        return bool(books["warehouse_events"] == events and books["outbox_waiting"] == 0)

    wait_until("every event of the ledger in the warehouse", agrees, WAREHOUSE_SECONDS)
    books = person.ask("GET", "/__dev/api/books", 200)
    expect("Σ of all entries and of all balances", (books["entries_sum"], books["balances_sum"]), (0, 0))
    print(f"  whole ledger: {books['warehouse_events']} events, Σ entries 0, Σ balances 0\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
