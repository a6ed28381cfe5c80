"""windows — between which versions of an account an operation must have happened, by real time alone.

The floor of an account at a moment is the highest version that anybody had been told of by then; its
ceiling is the version before the lowest that was only asked for later. What happens between an
operation's beginning and its end happens at a version from its floor to its ceiling.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.bank.books import Transfer
from tests.bank.history import Operation

Steps = dict[str, tuple[list[int], list[int]]]


class Window(NamedTuple):
    """The versions from `low` to `high`, both included."""

    low: int
    high: int

    def holds(self, version: int) -> bool:
        """Whether `version` lies in it."""
        return self.low <= version <= self.high


class Windows:
    """The floors and ceilings of one case (see checker.py)."""

    def __init__(self, case: Any) -> None:
        self.case = case
        self._asked: dict[tuple[str, str], int] = {}
        self._ended_ok: dict[tuple[str, str], int] = {}
        for op in case.of("transfer", "confirm"):
            key = ("topup", op.asked["top_up"]) if op.what == "confirm" else (op.asked["sender"], op.asked["key"])
            self._asked.setdefault(key, op.began)
            if op.outcome == "ok":
                self._ended_ok[key] = min(op.ended, self._ended_ok.get(key, op.ended))
        self._told = _steps(self._tellings(), max)
        self._later = _steps(((-began, account, version) for began, account, version in self._askings()), min)

    def first_asked(self, transfer: Transfer) -> int | None:
        """When this transfer was first asked for; None where nobody is known to have done so."""
        return self._asked.get((transfer.debit if transfer.kind == "transfer" else transfer.kind, transfer.id))

    def had_ended_ok(self, op: Operation) -> bool:
        """Whether the transfer that `op` asks about had been told to have happened before `op` began."""
        ended = self._ended_ok.get((op.asked["sender"], op.asked["key"]))
        return ended is not None and ended < op.began

    def floor(self, account: str, moment: int) -> int:
        """The highest version of `account` that had been told before `moment`."""
        return _before(self._told, account, moment, 0)

    def ceiling(self, account: str, moment: int) -> int:
        """The highest version of `account` that can have been there at `moment`."""
        last = len(self.case.chains[account]) - 1
        return min(last, _before(self._later, account, -moment, last + 1) - 1)

    def of(self, op: Operation, account: str) -> Window:
        """The window of an operation on an account."""
        assert op.ended is not None
        return Window(self.floor(account, op.began), self.ceiling(account, op.ended))

    def links(self, op: Operation, account: str) -> list[Any]:
        """The states that an account may have had while `op` was under way."""
        low, high = self.of(op, account)
        found: list[Any] = self.case.chains[account][low : high + 1]
        return found

    def _tellings(self) -> Iterator[tuple[int, str, int]]:
        for op in self.case.operations:
            if op.outcome == "ok" and op.ended is not None:
                for account, version in self._told_by(op):
                    yield op.ended, account, version

    def _told_by(self, op: Operation) -> Iterator[tuple[str, int]]:
        if op.what in ("wallet", "final-wallet"):
            yield op.asked["account"], op.told["version"]
        elif op.what == "snapshot":
            yield from ((account, version) for account, (version, _) in op.told["accounts"].items())
        elif op.what in ("transfer", "receipt"):
            yield from self._sides(self.case.posted(op))
        elif op.told.get("top_up_status") == "settled":
            yield from self._sides(self.case.credits(op.asked["top_up"]))

    def _sides(self, transfers: list[Transfer]) -> Iterator[tuple[str, int]]:
        for t in transfers:
            yield t.debit, t.debit_version
            yield t.credit, t.credit_version

    def _askings(self) -> Iterator[tuple[int, str, int]]:
        for t in self.case.books.transfers:
            began = self.first_asked(t)
            if began is not None:
                yield from ((began, account, version) for account, version in self._sides([t]))


def _steps(facts: Any, best: Any) -> Steps:
    """For each account the moments at which something was learnt, and the best version so far at each."""
    by_account: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for moment, account, version in facts:
        by_account[account].append((moment, version))
    found: Steps = {}
    for account, pairs in by_account.items():
        times, versions = found.setdefault(account, ([], []))
        for moment, version in sorted(pairs):
            times.append(moment)
            versions.append(best(version, versions[-1]) if versions else version)
    return found


def _before(steps: Steps, account: str, moment: int, otherwise: int) -> int:
    """The best version of an account strictly before `moment`."""
    times, versions = steps.get(account, ([], []))
    place = bisect_left(times, moment)
    return versions[place - 1] if place else otherwise
