"""watchdog — ends what is left of a run whose runner died without a word (kill -9, a crash).

The runner writes the id of each process group that it starts to this program's input. When
the input ends, the runner is gone: after a grace, in which the parts end by themselves (the
kernel told them, see leash.py), every group that is left is killed.
"""

import os
import signal
import sys
import time

GRACE_SECONDS = 3.0


def main() -> None:
    """Collect group ids until the input ends; then see to it that none is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups = {int(line) for line in sys.stdin if line.strip()}
    time.sleep(GRACE_SECONDS)
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # it ended by itself
            continue


if __name__ == "__main__":
    main()
