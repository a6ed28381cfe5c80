"""The ledger in plain integers: what every routine must answer, and what must stand afterwards."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


class Refused(Exception):
    """The SQLSTATE and the members that a routine is expected to refuse with."""

    def __init__(self, code: str, **members: Any) -> None:
        super().__init__(code)
        self.code = code
        self.members = members


@dataclass
class Account:
    """One person's wallet."""

    user_id: UUID
    number: str
    balance: int = 0
    version: int = 0
    status: str = "active"
    out_amount: int = 0


@dataclass
class Posted:
    """A movement that has happened; the bank's side of a top-up is None."""

    key: UUID
    kind: str
    debit: Account | None
    credit: Account | None
    amount: int
    note: str
    balance_after: int
    reversed: bool = False
    reverses: "Posted | None" = None


@dataclass
class Limits:
    """The limits of the one tier that people have."""

    transfer: int = 10_000_000
    daily: int = 20_000_000
    balance: int = 20_000_000


@dataclass
class Model:
    """Everything that should be true of the books."""

    accounts: list[Account] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)
    paused: bool = False

    def transfer(self, key: UUID, sender: Account, payee: Account | None, amount: int, note: str) -> tuple[int, bool]:
        """What ledger.transfer answers: (balance_after, replayed)."""
        for past in self.posted:
            if past.key == key and past.debit is sender:
                if (past.credit, past.amount, past.note) != (payee, amount, note):
                    raise Refused("LW003")
                return past.balance_after, True
        if payee is None:
            raise Refused("LW001")
        if payee is sender:
            raise Refused("LW004")
        return self._post(Posted(key, "transfer", sender, payee, amount, note, 0)).balance_after, False

    def settle(self, key: UUID, payee: Account, amount: int) -> None:
        """What ledger.settle_top_up does."""
        for past in self.posted:
            if past.key == key and past.kind == "topup":
                if (past.credit, past.amount) != (payee, amount):
                    raise Refused("LW003")
                return
        self._post(Posted(key, "topup", None, payee, amount, "", 0))

    def reverse(self, key: UUID, original: Posted, amount: int, note: str) -> None:
        """What ledger.reverse does."""
        for past in self.posted:
            if past.key == key and past.debit is original.credit:
                if (past.reverses, past.amount, past.note) != (original, amount, note):
                    raise Refused("LW003")
                return
        if original.kind == "reversal" or not 1 <= amount <= original.amount or original.reversed:
            raise Refused("LW010")
        self._post(Posted(key, "reversal", original.credit, original.debit, amount, note, 0, reverses=original))
        original.reversed = True

    def next_day(self) -> None:
        """Midnight in Asia/Jakarta."""
        for account in self.accounts:
            account.out_amount = 0

    def _post(self, movement: Posted) -> Posted:
        debit, credit, amount = movement.debit, movement.credit, movement.amount
        self._check(movement)
        if debit:
            debit.balance -= amount
            debit.version += 1
            debit.out_amount += amount if movement.kind == "transfer" else 0
            movement.balance_after = debit.balance
        if credit:
            credit.balance += amount
            credit.version += 1
        self.posted.append(movement)
        return movement

    def _check(self, movement: Posted) -> None:
        debit, credit, amount = movement.debit, movement.credit, movement.amount
        statuses = {account.status for account in (debit, credit) if account}
        if self.paused:
            raise Refused("LW012")
        if "closed" in statuses or ("frozen" in statuses and movement.kind != "reversal"):
            raise Refused("LW005")
        if movement.kind == "transfer":
            assert debit is not None
            if amount > self.limits.transfer:
                raise Refused("LW006", limit="per_transfer_amount", left_amount=self.limits.transfer)
            left = self.limits.daily - debit.out_amount
            if amount > left:
                raise Refused("LW006", limit="daily_out_amount", left_amount=max(left, 0))
        if debit and debit.balance < amount:
            raise Refused("LW002", balance=debit.balance, short_by_amount=amount - debit.balance)
        if credit and movement.kind != "reversal" and credit.balance + amount > self.limits.balance:
            raise Refused("LW006", limit="balance_max", left_amount=None)
