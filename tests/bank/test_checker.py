"""The checker refuses every history that a bank which keeps its promises cannot have left.

Each bad history is the good one with one lie in it, and each rule has at least one that it alone
must refuse: a checker without that rule would let it pass.
"""

import copy
from dataclasses import replace

import pytest

from tests.bank.books import Account, Books, Transfer
from tests.bank.checker import RULES, check

DAY = "2026-11-22"
BANK, DEWI, BUDI = "bank", "dewi", "budi"
NUMBERS = {DEWI: "100000000008", BUDI: "100000000016"}


class Story:
    """A history and its books, built one step at a time."""

    def __init__(self):
        self.lines = []
        self.balances = {BANK: [0], DEWI: [0], BUDI: [0]}
        self.transfers = []

    def op(self, what, outcome="ok", told=None, **asked):
        number = self.begin(what, **asked)
        self.end(number, outcome, **(told or {}))
        return number

    def begin(self, what, **asked):
        number = sum(line["type"] == "invoke" for line in self.lines) + 1
        self.lines.append({"op": number, "type": "invoke", "what": what, **asked})
        return number

    def end(self, number, outcome, **told):
        self.lines.append({"op": number, "type": outcome, **told})

    def post(self, key, debit, credit, amount, kind="transfer", note="n"):
        for account, sign in ((debit, -1), (credit, 1)):
            self.balances[account].append(self.balances[account][-1] + sign * amount)
        versions = len(self.balances[debit]) - 1, len(self.balances[credit]) - 1
        after = self.balances[debit][-1], self.balances[credit][-1]
        self.transfers.append(Transfer(key, kind, debit, credit, amount, note, *versions, *after, f"e-{key}", DAY))

    def pay(self, key, sender, payee, amount, **more):
        number = self.begin("transfer", key=key, sender=sender, payee=NUMBERS[payee], amount=amount, note="n", **more)
        self.post(key, sender, payee, amount)
        self.end(number, "ok", amount=amount, balance_after=self.balances[sender][-1], replayed=False)

    def refuse(self, key, sender, payee, amount, slug, **members):
        asked = {"key": key, "sender": sender, "payee": NUMBERS.get(payee, payee), "amount": amount, "note": "n"}
        forged = {"forged": True} if slug == "pin-proof-invalid" else {}
        self.op("transfer", "fail", {"slug": slug, "status": 422, **members}, **asked, **forged)

    def read(self, account, what="wallet"):
        told = {"version": len(self.balances[account]) - 1, "balance": self.balances[account][-1]}
        self.op(what, told=told, account=account)

    def snapshot(self):
        seen = {account: [len(chain) - 1, chain[-1]] for account, chain in self.balances.items()}
        self.op("snapshot", told={"accounts": seen})

    def finish(self):
        for account in (DEWI, BUDI):
            self.read(account, "final-wallet")
        self.op("final-top-up", told={"top_up_status": "settled"}, top_up="t1")
        self.op("final-top-up", told={"top_up_status": "cancelled"}, top_up="t2")
        self.snapshot()

    def books(self):
        accounts = [
            Account(name, NUMBERS.get(name), "user" if name in NUMBERS else "settlement", chain[-1], len(chain) - 1)
            for name, chain in self.balances.items()
        ]
        events = [
            {
                "transfer_id": t.id, "event_id": t.event_id, "amount": t.amount, "debit_account_id": t.debit,
                "credit_account_id": t.credit, "debit_balance_after": t.debit_balance_after,
                "credit_balance_after": t.credit_balance_after,
            }
            for t in self.transfers
        ]  # fmt: skip
        return Books(list(self.transfers), accounts, events)


def good():
    """A day at the bank with something of everything, and every promise kept."""
    story = Story()
    story.post("s1", BANK, DEWI, 10_000, "topup")
    story.op("seed", key="s1", account=DEWI, amount=10_000)
    story.pay("k1", DEWI, BUDI, 4_000)
    story.snapshot()
    story.read(BUDI)
    again = {"key": "k1", "sender": DEWI, "payee": NUMBERS[BUDI], "amount": 4_000, "note": "n"}
    story.op("transfer", told={"amount": 4_000, "balance_after": 6_000, "replayed": True}, **again)
    story.op("transfer", "fail", {"slug": "idempotency-key-reused", "status": 422}, **again | {"amount": 1})
    story.op("receipt", key="k1", sender=DEWI)
    lost = {"key": "k2", "sender": BUDI, "payee": NUMBERS[DEWI], "amount": 500, "note": "n"}
    story.op("transfer", "unknown", {"slug": "outcome-unknown", "status": 503}, **lost)
    story.post("k2", BUDI, DEWI, 500)
    story.op("transfer", "unknown", {"slug": "no-answer"}, **lost | {"key": "k3"})
    story.refuse("k4", DEWI, BUDI, 7_000, "insufficient-funds", balance=6_500, short_by_amount=500)
    story.refuse("k5", DEWI, DEWI, 1, "self-transfer")
    story.refuse("k6", DEWI, "999", 1, "account-not-found")
    story.refuse("k7", DEWI, BUDI, 10_000_001, "limit-exceeded", limit="per_transfer_amount", left_amount=10_000_000)
    story.refuse("k8", DEWI, BUDI, 1, "pin-proof-invalid")
    story.refuse("k9", DEWI, BUDI, 1, "unavailable")
    story.op("top-up", told={"id": "t1"}, key="t1", account=BUDI, amount=20_000)
    paid = story.begin("confirm", top_up="t1")
    story.post("t1", BANK, BUDI, 20_000, "topup")
    story.end(paid, "ok", top_up_status="settled")
    story.op("confirm", told={"top_up_status": "settled"}, top_up="t1")
    story.op("top-up", told={"id": "t2"}, key="t2", account=BUDI, amount=30_000)
    story.op("cancel", told={"top_up_status": "cancelled"}, top_up="t2")
    story.op("confirm", "fail", {"slug": "topup-closed", "top_up_status": "cancelled"}, top_up="t2")
    story.pay("k10", BUDI, DEWI, 3_000)
    story.finish()
    return story


def line(story, what, kind="ok", nth=0, **asked):
    """The nth line of this kind of an operation `what` with these arguments, to be spoilt."""
    numbers = {entry["op"] for entry in story.lines if entry.get("what") == what and asked.items() <= entry.items()}
    return [entry for entry in story.lines if entry["op"] in numbers and entry["type"] == kind][nth]


def transfer(books, key, **changes):
    """Put a changed transfer in the place of `key`."""
    place = next(n for n, t in enumerate(books.transfers) if t.id == key)
    books.transfers[place] = replace(books.transfers[place], **changes)


def without(story, books, key):
    """Undo a transfer in the books as if it had never been committed: later versions move down."""
    gone = next(t for t in books.transfers if t.id == key)
    kept = Story()
    for t in books.transfers:
        if t is not gone:
            kept.post(t.id, t.debit, t.credit, t.amount, t.kind)
    return kept.books()


# Each spoils a copy of the good history: (rule that must refuse it, what is wrong, how).
BAD = []


def bad(rule):
    def note(spoil):
        BAD.append((rule, spoil))
        return spoil

    return note


@bad("finished")
def an_operation_never_ends(story, books):
    story.lines.remove(line(story, "transfer", key="k10"))


@bad("finished")
def a_final_read_is_missing(story, books):
    line(story, "final-wallet", account=BUDI)["type"] = "unknown"


@bad("finished")
def a_top_up_is_not_read_in_the_end(story, books):
    line(story, "final-top-up", top_up="t2")["type"] = "unknown"


@bad("finished")
def the_last_snapshot_is_missing(story, books):
    line(story, "snapshot", nth=1)["type"] = "unknown"


@bad("finished")
def the_last_snapshot_leaves_somebody_out(story, books):
    del line(story, "snapshot", nth=1)["accounts"][BANK]


@bad("typed")
def an_answer_is_an_internal_error(story, books):
    line(story, "transfer", "unknown", key="k3").update(slug="untyped", status=502)


@bad("typed")
def a_read_is_an_internal_error(story, books):
    line(story, "wallet").update(type="fail", slug="internal", status=500)


@bad("chain")
def a_version_is_left_out(story, books):
    books.accounts[1] = replace(books.accounts[1], version=books.accounts[1].version + 1)


@bad("chain")
def a_balance_does_not_follow(story, books):
    transfer(books, "k1", debit_balance_after=6_001)


@bad("chain")
def an_account_has_more_than_its_entries_give(story, books):
    books.accounts[1] = replace(books.accounts[1], balance=books.accounts[1].balance + 1)


@bad("once")
def an_acknowledged_transfer_is_lost(story, books):
    return without(story, books, "k10")


@bad("once")
def a_refused_transfer_is_there(story, books):
    story.balances = {a.id: [0] * a.version + [a.balance] for a in books.accounts}
    story.post("k9", DEWI, BUDI, 1)
    return story.books()


@bad("once")
def an_unanswered_transfer_is_there_twice(story, books):
    story.balances = {a.id: [0] * a.version + [a.balance] for a in books.accounts}
    story.post("k2", BUDI, DEWI, 500)
    return story.books()


@bad("once")
def money_moves_that_nobody_asked_for(story, books):
    story.balances = {a.id: [0] * a.version + [a.balance] for a in books.accounts}
    story.post("k99", BUDI, DEWI, 500)
    return story.books()


@bad("same")
def a_repeated_answer_tells_another_balance(story, books):
    line(story, "transfer", key="k1", nth=1)["balance_after"] = 5_999


@bad("same")
def the_books_hold_another_amount_than_was_asked(story, books):
    transfer(books, "k1", amount=4_001)


@bad("same")
def a_transfer_that_happened_has_no_receipt(story, books):
    line(story, "receipt").update(type="fail", slug="not-found", status=404)


@bad("order")
def a_later_payment_stands_before_an_earlier_one(story, books):
    """k10 was asked for after k1 had been told; the books have it the other way round, soundly."""
    kept = Story()
    for key in ("s1", "t1", "k10", "k1", "k2"):
        t = next(t for t in books.transfers if t.id == key)
        kept.post(t.id, t.debit, t.credit, t.amount, t.kind)
    return kept.books()


@bad("reads")
def a_read_tells_a_balance_that_never_was(story, books):
    line(story, "wallet")["balance"] = 4_001


@bad("reads")
def a_read_is_older_than_what_was_known(story, books):
    line(story, "wallet").update(version=0, balance=0)


@bad("reads")
def a_read_knows_what_was_only_asked_for_later(story, books):
    line(story, "wallet").update(version=3, balance=23_500)


@bad("reads")
def a_final_read_is_not_the_end(story, books):
    line(story, "final-wallet", account=BUDI).update(version=3, balance=23_500)


@bad("snapshots")
def a_snapshot_does_not_sum_to_zero(story, books):
    line(story, "snapshot")["accounts"][BANK][1] += 1


@bad("snapshots")
def a_snapshot_has_a_negative_person(story, books):
    seen = line(story, "snapshot")["accounts"]
    seen[DEWI][1], seen[BUDI][1] = -1, 10_001


@bad("snapshots")
def a_snapshot_has_a_transfer_by_half(story, books):
    line(story, "snapshot")["accounts"][BUDI] = [0, 0]


@bad("refusals")
def a_refusal_names_a_balance_that_never_was(story, books):
    line(story, "transfer", "fail", key="k4")["balance"] = 6_499


@bad("refusals")
def a_refusal_rests_on_a_balance_of_long_ago(story, books):
    line(story, "transfer", "fail", key="k4").update(balance=0, short_by_amount=7_000)


@bad("refusals")
def a_refusal_for_funds_that_were_enough(story, books):
    line(story, "transfer", "invoke", key="k4")["amount"] = 6_000


@bad("refusals")
def a_lost_answer_is_told_as_a_refusal(story, books):
    line(story, "transfer", "unknown", key="k3").update(type="fail", slug="self-transfer", status=422)


@bad("refusals")
def a_good_proof_is_refused(story, books):
    del line(story, "transfer", "invoke", key="k8")["forged"]


@bad("limits")
def a_payment_passes_the_limit_of_one(story, books):
    books.transfer_amount_max = 3_999


@bad("limits")
def payments_pass_the_limit_of_a_day(story, books):
    books.daily_out_amount_max = 3_000


@bad("limits")
def a_balance_passes_its_cap(story, books):
    books.balance_max = 20_000


@bad("top-ups")
def a_paid_top_up_is_not_credited(story, books):
    return without(story, books, "t1")


@bad("top-ups")
def a_paid_top_up_is_credited_twice(story, books):
    story.balances = {a.id: [0] * a.version + [a.balance] for a in books.accounts}
    story.post("t1", BANK, BUDI, 20_000, "topup")
    return story.books()


@bad("top-ups")
def a_cancelled_top_up_is_credited(story, books):
    story.balances = {a.id: [0] * a.version + [a.balance] for a in books.accounts}
    story.post("t2", BANK, BUDI, 30_000, "topup")
    return story.books()


@bad("top-ups")
def a_top_up_is_credited_to_somebody_else(story, books):
    line(story, "top-up", "invoke", key="t1")["account"] = DEWI


@bad("top-ups")
def money_comes_from_nowhere(story, books):
    story.balances = {a.id: [0] * a.version + [a.balance] for a in books.accounts}
    story.post("t99", BANK, BUDI, 5, "topup")
    return story.books()


@bad("top-ups")
def a_paid_top_up_hangs_in_the_end(story, books):
    line(story, "final-top-up", top_up="t1")["top_up_status"] = "paid"


@bad("warehouse")
def an_event_never_arrived(story, books):
    books.events.pop()


@bad("warehouse")
def an_event_counts_twice(story, books):
    books.events.append(dict(books.events[0]))


@bad("warehouse")
def an_event_tells_another_amount(story, books):
    books.events[0]["amount"] += 1


@bad("warehouse")
def an_event_still_waits(story, books):
    books.waiting = 1


def test_a_good_history_has_no_fault():
    """Everything that may happen is in it, and nothing is refused."""
    story = good()
    assert check(story.lines, story.books()) == []


@pytest.mark.parametrize(("rule", "spoil"), BAD, ids=[f"{rule}: {spoil.__name__}" for rule, spoil in BAD])
def test_a_lie_is_refused_by_its_rule(rule, spoil):
    """One thing is wrong, and the rule that is there for it says so."""
    story = copy.deepcopy(good())
    books = story.books()
    books = spoil(story, books) or books
    faults = check(story.lines, books)
    assert any(fault.startswith(f"{rule}:") for fault in faults), faults


def test_every_rule_has_a_history_that_it_refuses():
    """A rule without one could be dropped and nobody would notice."""
    assert {rule for rule, _ in BAD} == set(RULES)
