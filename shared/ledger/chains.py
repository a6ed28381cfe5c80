"""chains — accounts proved from their entries, in statements that each read a bounded number of them."""

from collections.abc import Iterator, Mapping
from itertools import islice
from uuid import UUID

from shared.ledger import proving
from shared.ledger.proving import Fault, Stretch

# The database takes this many stretches in one statement.
STRETCHES_MAX = 500

# The entries of one statement: a second's work, a tenth of statement_timeout.
ENTRIES_MAX = 50_000


def faults(proved: Mapping[UUID, int]) -> Iterator[Fault]:
    """Yield the faults of accounts, each looked at from the version up to which it was proved before."""
    for batch in batches(proved):
        yield from proving.verify_stretches(batch)


def batches(proved: Mapping[UUID, int]) -> Iterator[list[Stretch]]:
    """Yield the stretches that prove these accounts, as many at once as one statement takes."""
    accounts = iter(proved)
    while page := list(islice(accounts, STRETCHES_MAX)):
        held = proving.versions(page)
        stretches = (
            stretch for account in page for stretch in _stretches(account, proved[account], held.get(account, 0))
        )
        yield from _batches(stretches, held)


def faults_of_all() -> Iterator[Fault]:
    """Yield the faults of every account that there is, from its first entry: the full proof."""
    last = UUID(int=0)
    while page := proving.account_ids(last, STRETCHES_MAX):
        yield from faults(dict.fromkeys(page, 0))
        last = page[-1]


def _stretches(account_id: UUID, after: int, version: int) -> Iterator[Stretch]:
    """Yield an account's entries in pieces; the last one is open, for the account may move meanwhile."""
    while version - after > ENTRIES_MAX:
        yield Stretch(account_id, after, after + ENTRIES_MAX)
        after += ENTRIES_MAX
    yield Stretch(account_id, after, None)


def _batches(stretches: Iterator[Stretch], held: Mapping[UUID, int]) -> Iterator[list[Stretch]]:
    """Yield the stretches in batches of at most ENTRIES_MAX entries, or of one stretch."""
    batch: list[Stretch] = []
    entries = 0
    for stretch in stretches:
        size = (stretch.until or held.get(stretch.account_id, 0)) - stretch.after
        if batch and (entries + size > ENTRIES_MAX or len(batch) == STRETCHES_MAX):
            yield batch
            batch, entries = [], 0
        batch.append(stretch)
        entries += size
    if batch:
        yield batch
