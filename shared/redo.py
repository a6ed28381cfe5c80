"""redo — make again what a restored database has lost, from the events of it.

    python -m shared.redo <folder>      its files hold events, one JSON object a line

For docs/runbooks/restore.md: it runs against the restored copy as the owner of the books, while the
functions still point at the paused original. Each transfer goes in under its own id, oldest first,
so that what the books know changes nothing and running it again does no harm; its note is lost,
because no event has one. What cannot be made again is named for a person. At the end every account
is proved. Exit code 1 where something is left or wrong.
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import UUID

import msgspec

from shared import db, ledger
from shared.ledger import chains, proving
from shared.problem import Problem


class Event(msgspec.Struct, frozen=True):
    """What an event says of its transfer; times are texts of one form, so they sort."""

    occurred_at: str
    transfer_id: UUID
    kind: str
    amount: int
    debit_account_id: UUID
    credit_account_id: UUID


class Holder(msgspec.Struct, frozen=True):
    """Whose an account is."""

    user_id: UUID
    number: str


def events(folder: Path) -> list[Event]:
    """Return the events of a folder's files, oldest first; BigQuery writes its numbers as texts."""
    lines = [line for path in sorted(folder.iterdir()) for line in path.read_bytes().splitlines()]
    found = [msgspec.json.decode(line, type=Event, strict=False) for line in lines]
    return sorted(found, key=lambda event: (event.occurred_at, event.transfer_id))


def redo(event: Event) -> str | None:
    """Make an event's transfer again; return why it cannot be, or None. Raises what is 503, like Paused."""
    debited, credited = holder(event.debit_account_id), holder(event.credit_account_id)
    try:
        if event.kind == "topup" and credited:
            ledger.settle_top_up(event.transfer_id, user_id=credited.user_id, amount=event.amount)
        elif event.kind == "transfer" and debited and credited:
            _pay(event, debited, credited)
        else:
            return "a reversal" if event.kind == "reversal" else "an account was opened after the moment"
    except Problem as problem:
        if problem.status >= 500:
            raise
        return problem.slug
    return None


def _pay(event: Event, debited: Holder, credited: Holder) -> None:
    # What the books know has a note, and would be refused as another transfer of the same id.
    if not ledger.is_posted(event.transfer_id, sender=debited.user_id):
        payee, amount = credited.number, event.amount
        ledger.transfer(event.transfer_id, sender=debited.user_id, payee=payee, amount=amount, note="")


@cache
def holder(account_id: UUID) -> Holder | None:
    """Return whose an account is, or None where it is the bank's or not there."""
    found = db.row("SELECT user_id, number FROM ledger.accounts WHERE id = $1 AND user_id IS NOT NULL", account_id)
    return Holder(*found) if found else None


def faults() -> Iterator[str]:
    """Prove the whole ledger: yield what is wrong with it."""
    for fault in chains.faults_of_all():
        yield f"account {fault.account_id}, version {fault.version}: {fault.fault}"
    weight = proving.weigh_books()
    if weight.entries_sum or weight.balances_sum or weight.overdrawn:
        yield f"entries sum to {weight.entries_sum}, balances to {weight.balances_sum}, {weight.overdrawn} overdrawn"


def main(folder: str) -> int:
    """Redo what the folder's events say, prove the books, and return the exit code."""
    wanted = events(Path(folder))
    left = [f"left: {event.transfer_id}: {why}" for event in wanted if (why := redo(event))]
    wrong = [f"wrong: {fault}" for fault in faults()]
    sys.stdout.writelines(f"{line}\n" for line in [*left, *wrong])
    sys.stdout.write(f"{len(wanted) - len(left)} of {len(wanted)} events are in the books; {len(wrong)} faults\n")
    return 1 if left or wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
