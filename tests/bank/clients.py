"""clients — people who pay, ask again, top up and look, each by dice of its own, and write down what they are told."""

import asyncio
import json
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import aiohttp

from emulators import payer
from tests.bank.history import History
from tests.bank.world import NOTE, Person, World
from tests.people import PASSWORD, PIN

TOKEN_SECONDS = 300.0
RETRIES_MAX = 8
UNSURE = {"outcome-unknown", "request-in-progress", "no-answer", "untyped"}


@dataclass(frozen=True)
class Answer:
    """What came back: a status and a body, or nothing (status 0)."""

    status: int
    body: Any
    cookie: str = ""

    @property
    def slug(self) -> str:
        """The problem's name; "no-answer" where the connection broke, "untyped" for what is no problem of ours."""
        if self.status == 0:
            return "no-answer"
        if isinstance(self.body, dict) and str(self.body.get("type", "")).startswith("/problems/"):
            return str(self.body["type"]).removeprefix("/problems/")
        return "untyped"

    @property
    def outcome(self) -> str:
        """`ok`, `fail` or `unknown`."""
        if 200 <= self.status < 300:
            return "ok"
        return "unknown" if self.slug in UNSURE or self.status == 500 else "fail"

    def refusal(self, *members: str) -> dict[str, Any]:
        """The problem as the history tells it."""
        body = self.body if isinstance(self.body, dict) else {}
        return {"slug": self.slug, "status": self.status} | {name: body[name] for name in members if name in body}


class Client:
    """One client. Its dice decide everything but the time."""

    def __init__(self, number: int, seed: int, world: World, session: aiohttp.ClientSession, pause: float) -> None:
        self.number = number
        self.dice = random.Random(f"{seed}/{number}")
        self.world = world
        self.history: History = world.history
        self.session = session
        self.pause = pause
        self.paid: list[dict[str, Any]] = []
        self.top_ups: list[tuple[Person, str]] = []

    async def live(self, over: asyncio.Event) -> None:
        """Do one thing after the other until the time is over."""
        doings = {
            self.pay: 55, self.pay_again: 8, self.alter: 3, self.pay_twice_at_once: 4, self.pay_wrongly: 4,
            self.look: 9, self.look_at_receipt: 4, self.top_up: 11, self.stay_signed_in: 2,
        }  # fmt: skip
        while not over.is_set():
            if self.world.is_rushing:
                await self.rush()
                continue
            [doing] = self.dice.choices(list(doings), weights=list(doings.values()))
            await doing()
            await asyncio.sleep(self.dice.expovariate(1 / self.pause))

    # Paying

    async def pay(self) -> None:
        """A payment; where nobody tells what became of it, most ask again until somebody does."""
        sender, payee = self._two()
        order = self._order(sender, payee.number, self._amount())
        await self._insist(order, await self.transfer(order))

    async def _insist(self, order: dict[str, Any], answer: Answer) -> None:
        for _ in range(RETRIES_MAX):
            again = answer.outcome == "unknown" and self.dice.random() < 0.85
            if not (again or (answer.slug == "unavailable" and self.dice.random() < 0.5)):
                return
            await asyncio.sleep(self.dice.uniform(0.2, 1.5))
            answer = await self.transfer(order)

    async def pay_again(self) -> None:
        """The same request once more, long after its answer."""
        if self.paid:
            await self.transfer(self.dice.choice(self.paid[-50:]))

    async def alter(self) -> None:
        """Another request under a key that was used."""
        if self.paid:
            order = self.dice.choice(self.paid[-50:])
            await self.transfer(order | {"amount": order["amount"] + 1})

    async def pay_twice_at_once(self) -> None:
        """Two fingers on one button."""
        sender, payee = self._two()
        order = self._order(sender, payee.number, self._amount())
        first, second = await asyncio.gather(self.transfer(order), self.transfer(order))
        await self._insist(order, second if first.outcome == "ok" else first)

    async def pay_wrongly(self) -> None:
        """What must be refused: nobody's number, oneself, too much, another's proof."""
        sender, payee = self._two()
        wrong = [
            self._order(sender, "100000000008", 10),
            self._order(sender, sender.number, 10),
            self._order(sender, payee.number, 10_000_001),
            self._order(sender, payee.number, 10) | {"forged": True},
        ]
        await self.transfer(self.dice.choice(wrong))

    async def rush(self) -> None:
        """Everybody pays the same shop at once: what makes the books let go of a lock before the flush."""
        sender = self.dice.choice(self.world.people[1:])
        order = self._order(sender, self.world.people[0].number, self.dice.randint(1, 50)) | {"quick": True}
        await self._insist(order, await self.transfer(order))

    async def transfer(self, order: dict[str, Any]) -> Answer:
        """Send a payment and write it down."""
        sender: Person = order["sender"]
        forged = {"forged": True} if order.get("forged") else {}
        asked = {name: order[name] for name in ("key", "payee", "amount", "note")}
        number = self.history.invoke("transfer", sender=sender.account, **asked, **forged)
        headers = {"Idempotency-Key": order["key"], "X-Pin-Proof": await self._proof(order)}
        body = {"to_account": order["payee"], "amount": order["amount"], "note": order["note"]}
        answer = await self._ask("POST", "/v1/transfers", sender, headers=headers, json=body)
        if answer.outcome == "ok":
            told = {"amount": answer.body["amount"], "balance_after": answer.body["balance_after"]}
            self.history.end(number, "ok", **told)
            self.paid.append(order)
        else:
            members = ("balance", "short_by_amount", "limit", "left_amount")
            self.history.end(number, answer.outcome, **answer.refusal(*members))
        return answer

    async def _proof(self, order: dict[str, Any]) -> str:
        sender, key, amount = order["sender"], UUID(order["key"]), order["amount"]
        if sender.session_id and not order.get("quick") and not order.get("forged") and self.dice.random() < 0.5:
            operation = {"type": "transfer", "id": order["key"], "to_account": order["payee"], "amount": amount}
            number = self.history.invoke("proof", sender=sender.account)
            body = {"pin": PIN, "operation": operation}
            answer = await self._ask("POST", "/v1/pin/proofs", sender, json=body)
            self.history.end(number, answer.outcome, **({} if answer.outcome == "ok" else answer.refusal()))
            if answer.outcome == "ok":
                return str(answer.body["proof"])
        other = amount + 1 if order.get("forged") else amount
        return self.world.signer.pin_proof(sender.user_id, key, order["payee"], other)

    # Looking

    async def look(self) -> None:
        """One's own wallet."""
        await self.read_wallet(self.dice.choice(self._circle()), "wallet")

    async def read_wallet(self, person: Person, what: str) -> bool:
        """Read a wallet and write down its version and balance."""
        number = self.history.invoke(what, account=person.account)
        answer = await self._ask("GET", "/v1/wallet", person)
        if answer.outcome == "ok":
            self.history.end(number, "ok", version=answer.body["version"], balance=answer.body["balance"])
        else:
            self.history.end(number, answer.outcome, **answer.refusal())
        return answer.outcome == "ok"

    async def look_at_receipt(self) -> None:
        """The receipt of an earlier payment."""
        if self.paid:
            order = self.dice.choice(self.paid[-50:])
            number = self.history.invoke("receipt", key=order["key"], sender=order["sender"].account)
            answer = await self._ask("GET", f"/v1/transfers/{order['key']}", order["sender"])
            self.history.end(number, answer.outcome, **({} if answer.outcome == "ok" else answer.refusal()))

    # Topping up

    async def top_up(self) -> None:
        """Ask for money, and have it confirmed by page or provider, sometimes twice, sometimes after a cancellation."""
        owner = self.dice.choice(self._circle())
        created = await self._create_top_up(owner, str(uuid4()), self.dice.randint(10, 50) * 1_000)
        if created is None:
            return
        top_up = created["id"]
        self.top_ups.append((owner, top_up))
        if self.dice.random() < 0.1:
            await self._about(owner, top_up, "cancel", "POST", f"/v1/topups/{top_up}/cancel")
        if self.dice.random() < 0.9:
            ways = [self._by_page(created), self._by_provider(created)]
            chosen = self.dice.choice(ways)
            if self.dice.random() < 0.3:
                await asyncio.gather(chosen(), self.dice.choice([chosen, *ways])())
            else:
                await chosen()
                if self.dice.random() < 0.3:
                    await chosen()
        if self.dice.random() < 0.4:
            await self._about(owner, top_up, "poll", "GET", f"/v1/topups/{top_up}")

    async def _create_top_up(self, owner: Person, key: str, amount: int) -> dict[str, Any] | None:
        for _ in range(RETRIES_MAX):
            number = self.history.invoke("top-up", key=key, account=owner.account, amount=amount)
            headers = {"Idempotency-Key": key}
            answer = await self._ask("POST", "/v1/topups", owner, headers=headers, json={"amount": amount})
            if answer.outcome == "ok":
                self.history.end(number, "ok", id=answer.body["id"])
                return {**answer.body, "owner": owner}
            self.history.end(number, answer.outcome, **answer.refusal())
            if answer.outcome == "fail" and answer.slug != "unavailable":
                return None
            await asyncio.sleep(self.dice.uniform(0.2, 1.5))
        return None

    def _by_page(self, created: dict[str, Any]) -> Any:
        path = f"/v1/pay/{created['pay_url'].rsplit('/', 1)[-1]}"
        return lambda: self._about(None, created["id"], "confirm", "POST", path, json={"decision": "approve"})

    def _by_provider(self, created: dict[str, Any]) -> Any:
        """One report of one event, however often it is sent: that is how a provider repeats itself."""
        report = {"event_id": f"evt_{created['id']}", "topup_id": created["id"], "amount": created["amount"]}
        report |= {"currency": "IDR", "status": "paid", "paid_at": datetime.now(UTC).isoformat()[:19] + "Z"}
        body = json.dumps(report).encode()

        def send() -> Any:
            signed = {"X-Signature": payer.signature(self.world.provider_keys, body)}
            headers = {"Content-Type": "application/json"} | signed
            return self._about(None, created["id"], "confirm", "POST", payer.PATH, headers=headers, data=body)

        return send

    async def _about(
        self, person: Person | None, top_up: str, what: str, method: str, path: str, **more: Any
    ) -> Answer:  # fmt: skip
        number = self.history.invoke(what, top_up=top_up)
        answer = await self._ask(method, path, person, **more)
        status = answer.body.get("status") if isinstance(answer.body, dict) and answer.outcome == "ok" else None
        told = {} if answer.outcome == "ok" else answer.refusal()
        self.history.end(number, answer.outcome, **told, **({"top_up_status": status} if status else {}))
        return answer

    async def read_top_up(self, person: Person, top_up: str) -> bool:
        """The last look at a top-up."""
        return (await self._about(person, top_up, "final-top-up", "GET", f"/v1/topups/{top_up}")).outcome == "ok"

    # Being somebody

    async def stay_signed_in(self) -> None:
        """Change the refresh cookie for the next; sign in again where it was lost for good."""
        if self.number >= len(self.world.hot):
            return
        person = self.world.hot[self.number]
        for path, body in (("/v1/sessions/refresh", {}), ("/v1/sessions", None)):
            number = self.history.invoke("session", account=person.account)
            fresh = {"username": person.username, "password": PASSWORD} if body is None else {}
            cookies = {"Cookie": f"refresh={person.cookie}"} if body is not None else {}
            answer = await self._ask("POST", path, None, headers=cookies, json=fresh)
            self.history.end(number, answer.outcome, **({} if answer.outcome == "ok" else answer.refusal()))
            if answer.outcome == "ok":
                self.world.signed_in(person, answer.body["access_token"], answer.cookie)
                return

    # Asking

    async def _ask(self, method: str, path: str, person: Person | None, **more: Any) -> Answer:
        headers = {"X-Request-Id": str(uuid4())} | more.pop("headers", {})
        if person is not None:
            headers["Authorization"] = f"Bearer {self._token(person)}"
        try:
            async with self.session.request(method, self.world.url + path, headers=headers, **more) as response:
                raw = await response.read()
                cookie = response.cookies.get("refresh")
                return Answer(response.status, _decoded(raw), cookie.value if cookie else "")
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            return Answer(0, None)

    def _token(self, person: Person) -> str:
        made_at, token = person.tokens.get(person.session_id, (float("-inf"), ""))
        if time.monotonic() - made_at > TOKEN_SECONDS:
            token = self.world.signer.access_token(person.user_id, person.session_id)
            person.tokens[person.session_id] = (time.monotonic(), token)
        return token

    # Dice

    def _circle(self) -> list[Person]:
        """The hot few or everybody."""
        return self.world.hot if self.dice.random() < 0.6 else self.world.people

    def _two(self) -> tuple[Person, Person]:
        sender, payee = self.dice.sample(self._circle(), 2)
        return sender, payee

    def _amount(self) -> int:
        """Mostly small; some more than most people have."""
        if self.dice.random() < 0.15:
            return self.dice.randint(50_000, 600_000)
        return self.dice.randint(1, 4_000)

    def _order(self, sender: Person, payee: str, amount: int) -> dict[str, Any]:
        return {"key": str(uuid4()), "sender": sender, "payee": payee, "amount": amount, "note": NOTE}


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
