"""rebuild — write again the top-up documents that a lost Firestore emulator held: `make rebuild`.

The ledger knows every top-up that was credited; requests that were still open are gone with the
emulator, and their owners ask anew. It may run at any time, also while the system is used.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

from emulators import state

# Older than every ledger: all of it is looked through.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def main() -> int:
    """Rebuild against the running system, say what was done, and return the exit code."""
    running = state.from_environment().processes()
    os.environ.update(running["deployments"]["payments-callback"])
    from shared.topups import repair

    # Also what was credited a moment ago: who types this has just lost the documents. Where a
    # function is at work on one, one of the two writes it and the other finds it written.
    rebuilt = list(repair.rebuild_missing(BEGINNING, settled_for=timedelta(0)))
    for finding in rebuilt:
        print(f"{finding.topup_id}  {finding.finding}: {finding.action}")
    print(f"{len(rebuilt)} documents written from the ledger")
    return 0


if __name__ == "__main__":
    sys.exit(main())
