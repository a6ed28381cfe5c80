"""The people and the bank of the payments tests, and the books that they are held to."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from flask.testing import FlaskClient

from emulators import payer

CALLBACK = "/v1/payments/callback"


class Books:
    """The ledger, read as its owner: what really happened to the money."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def open_wallet(self, user_id: UUID, name: str) -> None:
        """Open a wallet as `identity` does at registration."""
        self.connection.run("SELECT ledger.open_account(:user_id, :name)", user_id=user_id, name=name)

    def credits(self, top_up_id: str | UUID) -> list[int]:
        """Return the amounts that were credited under this id."""
        sql = "SELECT amount FROM ledger.transfers WHERE id = :id AND kind = 'topup'"
        return [amount for (amount,) in self.connection.run(sql, id=UUID(str(top_up_id)))]

    def balance(self, user_id: UUID) -> int:
        """Return what the user holds."""
        [[balance]] = self.connection.run("SELECT balance FROM ledger.accounts WHERE user_id = :id", id=user_id)
        return int(balance)

    def set_status(self, user_id: UUID, status: str) -> None:
        """Freeze or thaw a wallet."""
        sql = "UPDATE ledger.accounts SET status = :status WHERE user_id = :id"
        self.connection.run(sql, status=status, id=user_id)


class Person:
    """Somebody with a wallet, at the owner's side of payments."""

    def __init__(self, user_id: UUID, client: FlaskClient, bearer: dict[str, str], books: Books) -> None:
        self.user_id, self.client, self.bearer, self.books = user_id, client, bearer, books

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST as this person."""
        return self.client.post(path, json=body, headers={**self.bearer, **headers})

    def get(self, path: str, **headers: str) -> Any:
        """GET as this person."""
        return self.client.get(path, headers={**self.bearer, **headers})

    def ask(self, amount: int = 50_000, key: UUID | None = None) -> Any:
        """Ask for a top-up; the answer as it comes."""
        return self.post("/v1/topups", {"amount": amount}, **{"Idempotency-Key": str(key or uuid4())})

    def top_up(self, amount: int = 50_000) -> dict[str, Any]:
        """Ask for a top-up that must be granted."""
        while (answer := self.ask(amount)).status_code == 429:
            time.sleep(float(answer.headers["Retry-After"]))
        assert answer.status_code == 201, answer.text
        return dict(answer.json)

    def status_of(self, top_up: dict[str, Any]) -> str:
        """Poll once."""
        answer = self.get(f"/v1/topups/{top_up['id']}")
        assert answer.status_code == 200, answer.text
        return str(answer.json["status"])

    @property
    def balance(self) -> int:
        """What this person holds, as the books say."""
        return self.books.balance(self.user_id)


class Provider:
    """The payment provider: signs what it sends with its real key, unless told otherwise."""

    def __init__(self, client: FlaskClient, keys: dict[str, str], clock_file: Path) -> None:
        self.client, self.keys, self.clock_file = client, keys, clock_file

    @property
    def now(self) -> int:
        """The unix time by the deployments' clock."""
        return int(time.time()) + (int(self.clock_file.read_text()) if self.clock_file.exists() else 0)

    def report(self, top_up: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Return an honest report that the top-up was paid in the moment it was made, changed by `fields`."""
        honest = {
            "event_id": f"evt-{uuid4()}",
            "topup_id": top_up["id"],
            "amount": top_up["amount"],
            "currency": "IDR",
            "status": "paid",
            "paid_at": top_up["created_at"],
        }
        return honest | fields

    def send(self, report: dict[str, Any], **signed: Any) -> Any:
        """Send a report, signed over its bytes."""
        body = json.dumps(report).encode()
        return self.send_bytes(body, self.sign(body, **signed))

    def sign(self, body: bytes, **signed: Any) -> str:
        """Return a signature over `body`; `keys`, `at`, `method` and `path` make it another's."""
        return payer.signature(signed.pop("keys", self.keys), body, **{"at": self.now, **signed})

    def send_bytes(self, body: bytes, signature: str | None) -> Any:
        """Send any bytes under any signature."""
        headers = {} if signature is None else {"X-Signature": signature}
        return self.client.post(CALLBACK, data=body, headers=headers, content_type="application/json")


def pay_path(top_up: dict[str, Any]) -> str:
    """Return the route behind the page that the QR opens."""
    return f"/v1{urlsplit(top_up['pay_url']).path}"
