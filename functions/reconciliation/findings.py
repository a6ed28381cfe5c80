"""findings — what a pass reports."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

# One statement reads this much of the ledger: at a hundred transfers a second some 360,000.
SLICE = timedelta(hours=1)


class Span(msgspec.Struct, frozen=True):
    """The time that a pass looks at: from `since`, included, to `until`."""

    since: datetime
    until: datetime

    def slices(self, size: timedelta = SLICE) -> Iterator[tuple[datetime, datetime]]:
        """Yield the span in pieces that one statement can read."""
        start = self.since
        while start < self.until:
            end = min(start + size, self.until)
            yield start, end
            start = end


class Finding(msgspec.Struct, frozen=True):
    """One thing that does not agree: what it is about, what it must be, what it is, and what was done."""

    subject: str
    expected: str
    found: str
    repaired: str | None = None


class Kept(msgspec.Struct):
    """A promise, and what speaks against it."""

    promise: str
    findings: list[Finding]


class Report(msgspec.Struct):
    """What one pass found."""

    kind: str = msgspec.field(name="pass")
    since: datetime
    until: datetime
    agrees: bool
    promises: list[Kept]
