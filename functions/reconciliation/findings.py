"""findings — what a pass reports."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

# One statement reads this much of the ledger: at a hundred transfers a second some 360,000.
SLICE = timedelta(hours=1)


# Enough to see what is wrong; a fault of everything is no report of a million lines.
FINDINGS_MAX = 100


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
    """A promise, and what speaks against it: the first FINDINGS_MAX findings and how many there are."""

    promise: str
    findings: list[Finding] = []
    count: int = 0
    unrepaired: int = 0
    duration_ms: int = 0

    def note(self, finding: Finding) -> None:
        """Count one more finding, and keep it while there is room."""
        self.count += 1
        self.unrepaired += not finding.repaired
        if self.count <= FINDINGS_MAX:
            self.findings.append(finding)


class Report(msgspec.Struct):
    """What one pass found."""

    kind: str = msgspec.field(name="pass")
    since: datetime
    until: datetime
    agrees: bool
    promises: list[Kept]
