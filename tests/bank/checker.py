"""checker — whether a history and the books that it left can be explained by a bank that keeps its promises.

Nothing here speaks to the system: a history (history.py) and the books (books.py) go in, and the
list of faults comes out, each with the name of the rule that it breaks:

    finished       every operation ended, and every account and top-up was read once more in the end
    typed          no answer is a 5xx but a typed 503
    chain          each account's versions have no gap, its balances follow, none of a person's is negative
    once           what was told to have happened is there exactly once, what was refused is not there,
                   what nobody told of at most once; and nothing is there that nobody asked for
    same           every answer tells what the books tell, a repeated one what the first told
    order          what began after another had ended comes after it, on every account that both touch
    reads          every read of an account was true at a moment between its beginning and its end
    snapshots      every snapshot sums to zero, has no negative person, and no transfer by half
    refusals       every refusal was right at a moment between its beginning and its end
    limits         no transfer, no day and no balance passed its limit
    top-ups        a paid top-up is credited exactly once, any other never, and its owner sees it so
    warehouse      every event has left, and the warehouse tells of the ledger's transfers and no others

The single-threaded model is the account's own chain of versions: one after the other, the transfers
give each account a balance and a sum of the day at every version, and an answer is explained where
a version in its window of real time (windows.py) gives the same.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.bank.books import Account, Books, Transfer
from tests.bank.history import Operation, operations
from tests.bank.windows import Windows

# Refusals that say: nothing has happened, ask again; any moment explains them.
PASSING = {"unavailable", "too-many-requests"}
# Answers after which nobody knows; "no-answer" is a connection that broke.
UNSURE = {"outcome-unknown", "request-in-progress", "no-answer", "untyped"}
PAID = {"paid", "settled"}
PENDING_MAX = 5  # a person's requests beyond these cancel the oldest
CLOSED = {"cancelled", "declined", "expired"}
EVENT = ("transfer_id", "event_id", "amount", "debit_account_id", "credit_account_id")
EVENT += ("debit_balance_after", "credit_balance_after")


@dataclass(frozen=True)
class Link:
    """An account after one of its entries."""

    balance: int
    out_by_day: int
    day: str
    transfer: Transfer | None


class Case:
    """A history with its books, and what the rules need to know of both."""

    def __init__(self, lines: list[dict[str, Any]], books: Books) -> None:
        self.books = books
        self.operations = operations(lines)
        self.accounts = {account.id: account for account in books.accounts}
        self.people = {account.id for account in books.accounts if account.kind == "user"}
        self.by_number = {account.number: account for account in books.accounts if account.number}
        self.by_key: dict[tuple[str, str], list[Transfer]] = defaultdict(list)
        for transfer in books.transfers:
            self.by_key[transfer.debit if transfer.kind == "transfer" else transfer.kind, transfer.id].append(transfer)

    def of(self, *kinds: str) -> list[Operation]:
        """The operations of these kinds."""
        return [operation for operation in self.operations if operation.what in kinds]

    def posted(self, op: Operation) -> list[Transfer]:
        """What the books hold under an operation's key."""
        return self.by_key.get((op.asked["sender"], op.asked["key"]), [])

    def credits(self, top_up: str) -> list[Transfer]:
        """What the books have credited under a top-up's id."""
        return self.by_key.get(("topup", top_up), [])

    def payee(self, op: Operation) -> Account | None:
        """Whom an operation would have paid."""
        return self.by_number.get(op.asked["payee"])

    @cached_property
    def chains(self) -> dict[str, list[Link]]:
        """Each account's links by version; version 0 is the opening."""
        entries: dict[str, list[tuple[int, int, int, Transfer]]] = defaultdict(list)
        for t in self.books.transfers:
            entries[t.debit].append((t.debit_version, t.debit_balance_after, -t.amount, t))
            entries[t.credit].append((t.credit_version, t.credit_balance_after, t.amount, t))
        return {account: _chain(entries[account]) for account in self.accounts}

    @cached_property
    def windows(self) -> Windows:
        """Between which versions of an account an operation happened."""
        return Windows(self)


def _chain(entries: list[tuple[int, int, int, Transfer]]) -> list[Link]:
    links = [Link(0, 0, "", None)]
    for _, balance, amount, transfer in sorted(entries, key=lambda entry: entry[0]):
        before = links[-1].out_by_day if links[-1].day == transfer.day else 0
        out = -amount if amount < 0 and transfer.kind == "transfer" else 0
        links.append(Link(balance, before + out, transfer.day, transfer))
    return links


Rule = Callable[[Case], Iterator[str]]


def check(lines: list[dict[str, Any]], books: Books) -> list[str]:
    """Every fault of a history and its books; none where the bank has kept its promises."""
    case = Case(lines, books)
    return [f"{name}: {fault}" for name, rule in RULES.items() for fault in rule(case)]


def finished(case: Case) -> Iterator[str]:
    """Operations without an end, and final reads that are missing, are faults: silence proves nothing."""
    for op in case.operations:
        if op.ended is None:
            yield f"operation {op.number} ({op.what}) never ended"
    read = {op.asked["account"] for op in case.of("final-wallet") if op.outcome == "ok"}
    for account in sorted(case.people - read):
        yield f"account {account} was not read in the end"
    asked = {op.told["id"] for op in case.of("top-up") if op.outcome == "ok"}
    seen = {op.asked["top_up"] for op in case.of("final-top-up") if op.outcome == "ok"}
    for top_up in sorted(asked - seen):
        yield f"top-up {top_up} was not read in the end"
    last = case.of("snapshot")[-1:]
    if not last or last[0].outcome != "ok" or set(last[0].told["accounts"]) != set(case.accounts):
        yield "there is no whole snapshot in the end"


def typed(case: Case) -> Iterator[str]:
    """Only answers that the contract knows."""
    for op in case.operations:
        if op.told.get("slug") == "untyped" or op.told.get("status") == 500:
            yield f"operation {op.number} ({op.what}) was answered {op.told}"


def chain(case: Case) -> Iterator[str]:
    """The books themselves: no gap, no jump, nobody below zero, and the accounts say what their entries say."""
    versions: dict[str, list[int]] = defaultdict(list)
    for t in case.books.transfers:
        versions[t.debit].append(t.debit_version)
        versions[t.credit].append(t.credit_version)
    for account in case.accounts.values():
        if sorted(versions[account.id]) != list(range(1, account.version + 1)):
            yield f"account {account.id} has versions with gaps or twice"
        yield from _links(account, case.chains[account.id])
    if sum(account.balance for account in case.accounts.values()) != 0:
        yield "the balances do not sum to zero"


def _links(account: Account, links: list[Link]) -> Iterator[str]:
    balance = 0
    for version, link in enumerate(links[1:], 1):
        assert link.transfer is not None
        balance += link.transfer.amount if link.transfer.credit == account.id else -link.transfer.amount
        if link.balance != balance:
            yield f"account {account.id} has {link.balance} at version {version}, where {balance} follows"
        if account.kind == "user" and link.balance < 0:
            yield f"account {account.id} is below zero at version {version}"
        balance = link.balance
    if account.balance != balance:
        yield f"account {account.id} has {account.balance}, its entries give {balance}"


def once(case: Case) -> Iterator[str]:
    """Ok exactly once, fail never, unknown at most once, and nothing that nobody asked for."""
    tries: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for op in case.of("transfer"):
        tries[op.asked["sender"], op.asked["key"]].append(op)
    for (sender, key), attempts in tries.items():
        count = len(case.by_key.get((sender, key), []))
        # "Your key is used" refuses this request for what another of the same key has done.
        own = [op for op in attempts if op.told.get("slug") != "idempotency-key-reused"]
        if count > 1:
            yield f"transfer {key} stands {count} times"
        if any(op.outcome == "ok" for op in own) and count == 0:
            yield f"transfer {key} was told to have happened and is not there"
        if count and all(op.outcome == "fail" for op in own):
            yield f"transfer {key} was refused and is there"
    for t in case.books.transfers:
        if t.kind != "topup" and (t.debit, t.id) not in tries:
            yield f"{t.kind} {t.id} is there and nobody asked for it"


def same(case: Case) -> Iterator[str]:
    """Each ok tells what the books tell; the books tell what was asked."""
    for op in case.of("transfer"):
        payee = case.payee(op)
        for t in case.posted(op) if op.outcome == "ok" else []:
            asked = (payee.id if payee else None, op.asked["amount"], op.asked["note"])
            told = (op.told["amount"], op.told["balance_after"])
            if (t.credit, t.amount, t.note) != asked or (t.amount, t.debit_balance_after) != told:
                yield f"operation {op.number} was told {op.told}, and the books have {t}"
    for op in case.of("receipt"):
        if op.outcome == "ok" and len(case.posted(op)) != 1:
            yield f"transfer {op.asked['key']} had a receipt and stands {len(case.posted(op))} times"
        if op.told.get("slug") == "not-found" and case.windows.had_ended_ok(op):
            yield f"transfer {op.asked['key']} had happened and had no receipt"


def order(case: Case) -> Iterator[str]:
    """A transfer's versions lie above every version that somebody had been told before it was first asked for."""
    for t in case.books.transfers:
        began = case.windows.first_asked(t)
        for account, version in ((t.debit, t.debit_version), (t.credit, t.credit_version)):
            floor = 0 if began is None else case.windows.floor(account, began)
            if version <= floor:
                yield f"{t.kind} {t.id} has version {version} of {account}: {floor} was known before it was asked for"


def reads(case: Case) -> Iterator[str]:
    """A wallet's version and balance belong together and lie in the read's window of time."""
    for op in case.of("wallet", "final-wallet"):
        if op.outcome != "ok":
            continue
        account = op.asked["account"]
        yield from _seen(case, op, account, op.told["version"], op.told["balance"])
        last = len(case.chains[account]) - 1
        if op.what == "final-wallet" and op.told["version"] != last:
            yield f"account {account} was read at version {op.told['version']} in the end, and has {last}"


def _seen(case: Case, op: Operation, account: str, version: int, balance: int) -> Iterator[str]:
    links = case.chains[account]
    if version >= len(links) or links[version].balance != balance:
        yield f"operation {op.number} saw {balance} at version {version} of {account}, which it never had"
    elif not case.windows.of(op, account).holds(version):
        yield f"operation {op.number} saw version {version} of {account}, outside {case.windows.of(op, account)}"


def snapshots(case: Case) -> Iterator[str]:
    """All balances at one instant: they sum to zero, and every transfer is in it on both sides or on neither."""
    for op in case.of("snapshot"):
        if op.outcome != "ok":
            continue
        seen = op.told["accounts"]
        if total := sum(balance for _, balance in seen.values()):
            yield f"snapshot {op.number} sums to {total}"
        for account, (version, balance) in seen.items():
            if account in case.people and balance < 0:
                yield f"snapshot {op.number} has {balance} on {account}"
            yield from _seen(case, op, account, version, balance)
            yield from _halves(case, op, account, version, seen)


def _halves(case: Case, op: Operation, account: str, version: int, seen: dict[str, list[int]]) -> Iterator[str]:
    links = case.chains[account]
    t = links[version].transfer if version < len(links) else None
    if t is None or (seen[t.debit][0] >= t.debit_version and seen[t.credit][0] >= t.credit_version):
        return
    yield f"snapshot {op.number} has transfer {t.id} on one side alone"


def refusals(case: Case) -> Iterator[str]:
    """A refusal needs a moment in its window at which the rules refuse just so."""
    for op in case.of("transfer"):
        slug = op.told.get("slug")
        if op.outcome == "fail" and slug not in PASSING and not _is_explained(case, op):
            yield f"operation {op.number} was refused without a reason: {op.asked} {op.told}"
        if op.outcome == "unknown" and slug not in UNSURE:
            yield f"operation {op.number} ended {op.told}, which is no uncertainty"


def _is_explained(case: Case, op: Operation) -> bool:
    told, amount, sender, payee = op.told, op.asked["amount"], op.asked["sender"], case.payee(op)
    reasons: dict[str, Callable[[], bool]] = {
        "insufficient-funds": lambda: (
            told["balance"] in {link.balance for link in case.windows.links(op, sender)}
            and told["short_by_amount"] == amount - told["balance"] > 0
        ),
        "limit-exceeded": lambda: _is_limited(case, op),
        "account-not-found": lambda: payee is None,
        "self-transfer": lambda: payee is not None and payee.id == sender,
        "idempotency-key-reused": lambda: any(
            (t.credit, t.amount, t.note) != (payee.id if payee else "", amount, op.asked["note"])
            for t in case.posted(op)
        ),
        "pin-proof-invalid": lambda: bool(op.asked.get("forged")),
    }
    return reasons.get(told["slug"], lambda: False)()


def _is_limited(case: Case, op: Operation) -> bool:
    amount, told, payee = op.asked["amount"], op.told, case.payee(op)
    if told["limit"] == "per_transfer_amount":
        return bool(amount > case.books.transfer_amount_max)
    if told["limit"] == "daily_out_amount":
        # A day that began within the window counts from zero.
        used = {link.out_by_day for link in case.windows.links(op, op.asked["sender"])} | {0}
        return any(amount > case.books.daily_out_amount_max - out == told["left_amount"] for out in used)
    links = case.windows.links(op, payee.id) if payee else []
    return any(link.balance + amount > case.books.balance_max for link in links)


def limits(case: Case) -> Iterator[str]:
    """No version of an account passes what its tier allows."""
    for account in sorted(case.people):
        for version, link in enumerate(case.chains[account]):
            if link.out_by_day > case.books.daily_out_amount_max:
                yield f"account {account} paid {link.out_by_day} in one day by version {version}"
            if link.balance > case.books.balance_max:
                yield f"account {account} holds {link.balance} at version {version}"
    for t in case.books.transfers:
        if t.kind == "transfer" and t.amount > case.books.transfer_amount_max:
            yield f"transfer {t.id} moved {t.amount}"


def top_ups(case: Case) -> Iterator[str]:
    """Credited exactly once where somebody was told of the money, never where nobody confirmed or it was closed."""
    told: dict[str, set[str]] = defaultdict(set)
    for op in case.of("confirm", "poll", "cancel", "final-top-up"):
        told[op.asked["top_up"]].add(op.told.get("top_up_status", ""))
    confirmed = {op.asked["top_up"] for op in case.of("confirm")}
    asked = {op.told["id"]: op for op in case.of("top-up") if op.outcome == "ok"}
    for top_up, request in asked.items():
        yield from _credited(case, top_up, request, told[top_up], is_confirmed=top_up in confirmed)
    seeds = {op.asked["key"]: op for op in case.of("seed")}
    for key, seed in seeds.items():
        yield from _credited(case, key, seed, {"settled"}, is_confirmed=True)
    by_owner = Counter(op.asked["account"] for op in asked.values())
    superseded = {top_up for top_up, op in asked.items() if by_owner[op.asked["account"]] > PENDING_MAX}
    cancelled = superseded | {op.asked["top_up"] for op in case.of("cancel")}
    unanswered = {op.asked["key"] for op in case.of("top-up") if op.outcome == "unknown"}
    for t in case.books.transfers:
        if t.kind == "topup" and t.id not in asked.keys() | seeds.keys() | (unanswered & confirmed):
            yield f"top-up {t.id} is credited and nobody asked for it"
    for op in case.of("final-top-up"):
        status = op.told.get("top_up_status")
        # Money for a request that its owner had closed: a person decides.
        rightly = CLOSED | {"settled", "pending"} | ({"review"} if op.asked["top_up"] in cancelled else set())
        if op.outcome == "ok" and status not in rightly:
            yield f"top-up {op.asked['top_up']} ended {status}"


def _credited(case: Case, top_up: str, request: Operation, told: set[str], *, is_confirmed: bool) -> Iterator[str]:
    found = case.credits(top_up)
    if told & PAID and len(found) != 1:
        yield f"top-up {top_up} was told to be paid and is credited {len(found)} times"
    if len(found) > 1:
        yield f"top-up {top_up} is credited {len(found)} times"
    if found and not is_confirmed:
        yield f"top-up {top_up} is credited and nobody confirmed it"
    if found and told & CLOSED:
        yield f"top-up {top_up} was told to be closed and is credited"
    if found and "pending" in told and "settled" not in told:
        yield f"top-up {top_up} is credited and its owner still sees it wait"
    for t in found:
        if (t.amount, t.credit) != (request.asked["amount"], request.asked["account"]):
            yield f"top-up {top_up} of {request.asked['amount']} is credited as {t}"


def warehouse(case: Case) -> Iterator[str]:
    """The warehouse's events are the ledger's transfers, each once, with the same figures."""
    if case.books.waiting:
        yield f"{case.books.waiting} events have not left the outbox"
    expected = Counter(
        (t.id, t.event_id, t.amount, t.debit, t.credit, t.debit_balance_after, t.credit_balance_after)
        for t in case.books.transfers
    )
    found = Counter(tuple(event[name] for name in EVENT) for event in case.books.events)
    for event in (expected - found).elements():
        yield f"the warehouse lacks {event}"
    for event in (found - expected).elements():
        yield f"the warehouse has {event} too much"


RULES: dict[str, Rule] = {
    "finished": finished,
    "typed": typed,
    "chain": chain,
    "once": once,
    "same": same,
    "order": order,
    "reads": reads,
    "snapshots": snapshots,
    "refusals": refusals,
    "limits": limits,
    "top-ups": top_ups,
    "warehouse": warehouse,
}
