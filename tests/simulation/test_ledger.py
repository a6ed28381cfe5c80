"""The ledger against a model in plain integers, step by random step."""

import json
import os
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pg8000.exceptions import DatabaseError

from tests import days
from tests.simulation.books import Books
from tests.simulation.model import Account, Model, Posted, Refused

# `make soak` walks further, and along other ways at each run; `make test` repeats the same ones.
SOAK = bool(os.environ.get("SOAK"))
EXAMPLES, STEPS = (1_000, 100) if SOAK else (50, 50)
PEOPLE_MAX = 5
EXAMPLE_SECONDS = 20  # a day's limit is a day's: no midnight may lie within an example

whom = st.integers(0, PEOPLE_MAX - 1)
which = st.integers(0, 1_000)
amounts = st.one_of(
    st.integers(1, 50), st.integers(1, 20_000_001), st.sampled_from([9_999_999, 10_000_000, 10_000_001])
)
notes = st.sampled_from(["", "a", "makan siang", "=1+1", "\u2603"])


class LedgerMachine(RuleBasedStateMachine):
    """Every rule asks the model first, then the books, and compares what both say."""

    books: Books

    @initialize()
    def begin(self) -> None:
        days.today(lasting=EXAMPLE_SECONDS)
        self.books.wipe()
        self.model = Model()
        for _ in range(2):
            self.register()

    # --- who and what ---

    def person(self, index: int) -> Account:
        return self.model.accounts[index % len(self.model.accounts)]

    def movement(self, index: int, *kinds: str) -> Posted:
        found = [posted for posted in self.model.posted if posted.kind in kinds]
        return found[index % len(found)]

    def expect(self, model: Callable[[], Any], books: Callable[[], Any]) -> None:
        """Both answer the same, or both refuse the same; and a refusal changes nothing at all."""
        try:
            expected = model()
        except Refused as refused:
            before = self.books.fingerprint()
            with pytest.raises(DatabaseError) as caught:
                books()
            fields = caught.value.args[0]
            assert fields["C"] == refused.code
            told = json.loads(fields["D"])
            assert {name: told[name] for name in refused.members} == refused.members
            assert self.books.fingerprint() == before
            return
        answer = books()
        if expected is not None:
            assert answer == expected

    # --- steps ---

    @precondition(lambda self: len(self.model.accounts) < PEOPLE_MAX)
    @rule()
    def register(self) -> None:
        user_id = uuid4()
        self.model.accounts.append(Account(user_id, self.books.open(user_id)))

    @rule(payee=whom, amount=amounts)
    def top_up(self, payee: int, amount: int) -> None:
        self.settle(uuid4(), self.person(payee), amount)

    @rule(sender=whom, payee=whom, amount=amounts, note=notes)
    def transfer(self, sender: int, payee: int, amount: int, note: str) -> None:
        self.send(uuid4(), self.person(sender), self.person(payee), amount, note)

    @rule(sender=whom, payee=whom)
    def transfer_everything(self, sender: int, payee: int) -> None:
        account = self.person(sender)
        self.send(uuid4(), account, self.person(payee), max(account.balance, 1), "")

    @rule(sender=whom, amount=amounts)
    def transfer_to_nobody(self, sender: int, amount: int) -> None:
        self.send(uuid4(), self.person(sender), None, amount, "")

    @precondition(lambda self: any(posted.kind == "transfer" for posted in self.model.posted))
    @rule(index=which)
    def replay(self, index: int) -> None:
        past = self.movement(index, "transfer")
        assert past.debit is not None
        before = self.books.fingerprint()
        self.send(past.key, past.debit, past.credit, past.amount, past.note)
        assert self.books.fingerprint() == before

    @precondition(lambda self: any(posted.kind == "transfer" for posted in self.model.posted))
    @rule(index=which, payee=whom, amount=amounts, note=notes)
    def replay_with_other_arguments(self, index: int, payee: int, amount: int, note: str) -> None:
        past = self.movement(index, "transfer")
        assert past.debit is not None
        self.send(past.key, past.debit, self.person(payee), amount, note)

    @precondition(lambda self: any(posted.kind == "transfer" for posted in self.model.posted))
    @rule(index=which, sender=whom, payee=whom, amount=amounts)
    def use_anothers_key(self, index: int, sender: int, payee: int, amount: int) -> None:
        self.send(self.movement(index, "transfer").key, self.person(sender), self.person(payee), amount, "")

    @precondition(lambda self: any(posted.kind == "topup" for posted in self.model.posted))
    @rule(index=which, payee=whom, same=st.booleans())
    def settle_again(self, index: int, payee: int, same: bool) -> None:
        past = self.movement(index, "topup")
        assert past.credit is not None
        self.settle(past.key, past.credit if same else self.person(payee), past.amount)

    @precondition(lambda self: self.model.posted)
    @rule(index=which, part=st.integers(0, 3), excess=st.integers(-1, 1))
    def reverse(self, index: int, part: int, excess: int) -> None:
        original = self.movement(index, "transfer", "topup", "reversal")
        amount = original.amount // (part + 1) + (excess if part == 0 else 0)
        self.give_back(uuid4(), original, amount, "salah")

    @precondition(lambda self: any(posted.kind == "reversal" for posted in self.model.posted))
    @rule(index=which, more=st.integers(0, 1))
    def reverse_again(self, index: int, more: int) -> None:
        past = self.movement(index, "reversal")
        assert past.reverses is not None
        self.give_back(past.key, past.reverses, past.amount + more, past.note)

    @rule(index=whom, status=st.sampled_from(["active", "active", "frozen"]))
    def freeze_or_thaw(self, index: int, status: str) -> None:
        account = self.person(index)
        if account.status != "closed":
            self.books.run("SELECT ledger.set_account_status(:n, :s)", n=account.number, s=status)
            account.status = status

    @rule(
        transfer=st.sampled_from([50, 10_000_000]),
        daily=st.sampled_from([100, 5_000_000, 20_000_000]),
        balance=st.sampled_from([1_000_000, 20_000_000]),
    )
    def change_limits(self, transfer: int, daily: int, balance: int) -> None:
        self.books.run(
            "UPDATE ledger.tiers SET transfer_amount_max = :t, daily_out_amount_max = :d, balance_max = :b"
            " WHERE name = 'standard'",
            t=transfer,
            d=daily,
            b=balance,
        )
        limits = self.model.limits
        limits.transfer, limits.daily, limits.balance = transfer, daily, balance

    @rule()
    def let_a_day_pass(self) -> None:
        self.books.next_day()
        self.model.next_day()

    @rule(paused=st.sampled_from([False, False, True]))
    def pause_or_resume(self, paused: bool) -> None:
        self.books.run("SELECT ledger.pause(:r)", r="drill" if paused else None)
        self.model.paused = paused

    @precondition(lambda self: len(self.model.accounts) == PEOPLE_MAX)
    @rule(index=whom)
    def close(self, index: int) -> None:
        account = self.person(index)
        if account.balance == 0:
            self.books.run("SELECT ledger.close_account(:u)", u=account.user_id)
            account.status = "closed"

    # --- what both are asked ---

    def send(self, key: UUID, sender: Account, payee: Account | None, amount: int, note: str) -> None:
        number = payee.number if payee else "100000000008"
        self.expect(
            lambda: self.model.transfer(key, sender, payee, amount, note),
            lambda: self.books.transfer(key, sender.user_id, number, amount, note),
        )

    def settle(self, key: UUID, payee: Account, amount: int) -> None:
        self.expect(
            lambda: self.model.settle(key, payee, amount), lambda: self.books.settle(key, payee.user_id, amount)
        )

    def give_back(self, key: UUID, original: Posted, amount: int, note: str) -> None:
        self.expect(
            lambda: self.model.reverse(key, original, amount, note),
            lambda: self.books.reverse(key, original, amount, note),
        )

    # --- what must hold after every step ---

    @invariant()
    def the_books_are_sound(self) -> None:
        if hasattr(self, "model"):
            assert self.books.unsound() == []
            assert self.books.differences(self.model) == []


@pytest.mark.simulation
@pytest.mark.timeout(7_200 if SOAK else 300)
def test_the_ledger_does_what_the_model_says(owner):
    """Whatever people do in whatever order, answers, refusals and balances are the model's."""
    LedgerMachine.books = Books(owner)
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not SOAK,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_two_people_pay_each_other_under_one_key(owner):
    """The same id and the same pair, once in each direction: two transfers, each with its own two entries."""
    LedgerMachine.books = Books(owner)
    machine = LedgerMachine()
    machine.begin()
    machine.top_up(payee=0, amount=7)
    machine.transfer_everything(sender=0, payee=1)
    machine.use_anothers_key(index=0, sender=1, payee=0, amount=7)
    machine.the_books_are_sound()
    assert [posted.kind for posted in machine.model.posted] == ["topup", "transfer", "transfer"]
