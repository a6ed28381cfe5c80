"""operate — an operator's work on the running local system: `make operate do="…"`.

backlog | retry | replay <since> <until> | replay-event <id> | pause … (shared/operate.py)
letters [--list] [--event=<id>]                                (tools/redrive.py)

In the cloud the first line is the `operate` job and the second a tool of its own; here both find
the running system by its table, with the login and the rights that the job has there.
"""

import os
import sys

from emulators import environment, state


def main(words: list[str]) -> int:
    """Do what the words say against the running system, and return the exit code."""
    running = state.from_environment().processes()
    os.environ.update(surroundings(running["deployments"]))
    if words[:1] == ["letters"]:
        from tools import redrive

        return min(redrive.main(words[1:]), 1)
    from shared import operate

    if not words:
        sys.exit(operate.__doc__)
    operate.main(*words)
    return 0


def surroundings(deployments: dict[str, dict[str, str]]) -> dict[str, str]:
    """The operators' own environment: the stores that a top-up's review needs, and the operators' login."""
    return deployments["payments-callback"] | {
        "DATABASE_USER": environment.OPERATOR,
        "DATABASE_POOL_SIZE": "1",
        "PUBSUB_EMULATOR_HOST": deployments["relay-drain"]["PUBSUB_EMULATOR_HOST"],
        "K_SERVICE": "operate",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
