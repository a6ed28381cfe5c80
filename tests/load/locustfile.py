"""People who use the wallet, for Locust: `make load BASE_URL=https://…` points them at any deployment.

Everything goes over the public API alone: each person registers, tops up by the QR's own address, and
then pays, looks, tops up again and reads the insights, with pauses as people make them (PACE= is the
longest, in seconds). An answer is a failure when it is a 5xx other than a typed 503, a 503 or 429
without Retry-After, or wrong in its figures. What a 503 left open is sent again with the same key.
"""

import os
import random
import secrets
import time
from collections import deque
from typing import Any
from uuid import uuid4

from locust import FastHttpUser, between, events, task

PIN = "739154"
TOP_UP_AMOUNT = 500_000
PAYMENT_AMOUNT_MAX = 5_000
# A refresh in good time: access tokens live for ten minutes at least.
TOKEN_SECONDS = 300
TRIES_MAX = 8
PACE_SECONDS = float(os.environ.get("PACE", "4"))
TYPED = {"/problems/unavailable", "/problems/outcome-unknown", "/problems/paused"}
# Account numbers to pay; the first one gets every fourth payment, as a merchant would.
payees: deque[str] = deque(maxlen=200)


@events.quitting.add_listener
def fail_where_anything_failed(environment: Any, **_: Any) -> None:
    """Exit with 1 where there was a failure, or nothing at all."""
    total = environment.stats.total
    environment.process_exit_code = 1 if total.num_failures or not total.num_requests else 0


class Person(FastHttpUser):
    """Somebody with a wallet."""

    wait_time = between(PACE_SECONDS / 4, PACE_SECONDS)
    connection_timeout = 10.0
    network_timeout = 65.0  # the longest deadline of openapi.yaml is 60 s

    def on_start(self) -> None:
        """Register and get some money."""
        self.username = f"load{secrets.token_hex(8)}"
        self.password = f"muatan {secrets.token_hex(6)}"
        self.token, self.token_at, self.number = "", 0.0, ""
        new = {"username": self.username, "password": self.password, "pin": PIN, "full_name": "Muat Beban"}
        answer = self.ask("POST", "/v1/users", 201, json=new, signed_in=False)
        if answer is None:
            self.environment.runner.quit()
            return
        self.token, self.token_at, self.number = answer["access_token"], time.monotonic(), answer["account_number"]
        self.top_up()
        payees.append(self.number)

    def ask(
        self, method: str, path: str, *expected: int, signed_in: bool = True, name: str = "", **options: Any
    ) -> Any:
        """Send a request, again after a typed 503 or a 429; its JSON, or None where it was refused otherwise."""
        headers = dict(options.pop("headers", {}))
        if signed_in:
            headers["Authorization"] = f"Bearer {self.fresh_token()}"
        for _ in range(TRIES_MAX):
            with self.client.request(
                method, path, name=f"{method} {name or path}", headers=headers, catch_response=True, **options
            ) as answer:
                verdict, pause = judge(answer, expected)
                answer.failure(verdict) if verdict else answer.success()
                if not pause:
                    is_json = "json" in (answer.headers or {}).get("Content-Type", "")
                    return answer.json() if answer.status_code in expected and is_json else None
            time.sleep(pause)
        return None

    def fresh_token(self) -> str:
        """The access token, of a new session where the old one is not young any more."""
        if time.monotonic() - self.token_at > TOKEN_SECONDS:
            mine = {"username": self.username, "password": self.password}
            answer = self.ask("POST", "/v1/sessions", 201, json=mine, signed_in=False)
            if answer:
                self.token, self.token_at = answer["access_token"], time.monotonic()
        return self.token

    @task(2)
    def top_up(self) -> None:
        """Ask for a QR and confirm it at its own address; the same again changes nothing."""
        key = {"Idempotency-Key": str(uuid4())}
        made = self.ask("POST", "/v1/topups", 201, 422, json={"amount": TOP_UP_AMOUNT}, headers=key)
        if made and "pay_url" in made:
            path = "/v1/pay/" + made["pay_url"].rsplit("/", 1)[-1]
            for _ in range(2):
                decision = {"decision": "approve"}
                self.ask("POST", path, 200, 409, json=decision, signed_in=False, name="/v1/pay/{token}")
            self.ask("GET", f"/v1/topups/{made['id']}", 200, name="/v1/topups/{id}")

    @task(8)
    def pay(self) -> None:
        """Prove the PIN and pay; every tenth request is sent twice and must say the same."""
        others = [number for number in payees if number != self.number]
        if not others:
            return
        payee = others[0] if random.random() < 0.25 else random.choice(others)
        key, amount = str(uuid4()), random.randint(1, PAYMENT_AMOUNT_MAX)
        operation = {"type": "transfer", "id": key, "to_account": payee, "amount": amount}
        proof = self.ask("POST", "/v1/pin/proofs", 201, json={"pin": PIN, "operation": operation})
        if proof is None:
            return
        headers = {"Idempotency-Key": key, "X-Pin-Proof": proof["proof"]}
        order = {"to_account": payee, "amount": amount, "note": "makan siang"}
        first = self.ask("POST", "/v1/transfers", 201, 422, json=order, headers=headers)
        if first and "id" in first and random.random() < 0.1:
            again = self.ask("POST", "/v1/transfers", 201, json=order, headers=headers)
            if again != first:
                self.environment.events.request.fire(
                    request_type="POST", name="/v1/transfers again", response_time=0, response_length=0,
                    exception=AssertionError("another answer to the same request"), context={},
                )  # fmt: skip

    @task(10)
    def look(self) -> None:
        """Open the app: the balance, the last entries, the inbox."""
        self.ask("GET", "/v1/wallet", 200)
        self.ask("GET", "/v1/wallet/entries?limit=20", 200, name="/v1/wallet/entries")
        self.ask("GET", "/v1/notifications", 200)

    @task(1)
    def read_insights(self) -> None:
        """Read the sums and the limits."""
        self.ask("GET", "/v1/analytics/summary", 200)
        self.ask("GET", "/v1/wallet/limits", 200)


def judge(answer: Any, expected: tuple[int, ...]) -> tuple[str, float]:
    """What is wrong with an answer ("" for nothing), and how long to wait before the same again (0: not at all)."""
    status = answer.status_code
    if status in expected:
        return "", 0.0
    if status not in {429, 503}:
        return f"{status} instead of {expected}: {(answer.text or '')[:200]}", 0.0
    pause = (answer.headers or {}).get("Retry-After", "")
    if not pause.isdigit() or (status == 503 and answer.json()["type"] not in TYPED):
        return f"{status} that does not say when to come back: {(answer.text or '')[:200]}", 0.0
    return "", float(pause) + random.random()
