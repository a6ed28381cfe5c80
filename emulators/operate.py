"""operate — what a runbook says, to the running local system: `make operate do="settle <top-up id>"`.

In the cloud the same actions are a job with a login of its own (shared/operate.py lists them).
"""

import os
import sys

from emulators import state


def main(*words: str) -> None:
    """Do one action of shared/operate.py against the running system, as its database's owner."""
    running = state.from_environment().read()
    if not running:
        sys.exit("Nothing is running: `make run` first.")
    os.environ.update(running["environment"] | {"DATABASE_POOL_SIZE": "1"})
    from shared import operate

    operate.main(*(words or ("backlog",)))


if __name__ == "__main__":
    main(*sys.argv[1:])
