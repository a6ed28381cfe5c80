"""A relay that is killed like a lost machine at one step: `python -m tests.integration.relay.mortal <step>`.

The code is the deployed one; only the step at which the process ends is put around it.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS = ("after the claim", "while publishing", "before the acknowledgement", "after the acknowledgement")
ROOT = Path(__file__).resolve().parents[3]
TRIES_MAX = 4


def run(
    step: str, environment: dict[str, str], *, claim_max: int = 500, before: Callable[[], object] = lambda: None
) -> list[int]:
    """Run relays as processes of their own until one has died at `step`; returns the exit code of each.

    One that a busy machine keeps from its stores ends earlier, and another takes its place; `before` is done first.
    """
    command = [sys.executable, "-m", "tests.integration.relay.mortal", step, str(claim_max)]
    codes: list[int] = []
    while -signal.SIGKILL not in codes and len(codes) < TRIES_MAX:
        before()
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=120, stdout=subprocess.DEVNULL)
        codes.append(done.returncode)
    return codes


def die(*_arguments: Any) -> None:
    """End at once, as `kill -9` does: nothing is flushed, closed or told."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(step: str) -> None:
    """Put the end of this process where `step` says."""
    import publisher
    from shared import db

    call, send, sent = db.call, publisher._send, []

    def send_some(group: Any) -> Any:
        sent.append(group)
        under_way = send(group)
        if len(sent) == 20:
            under_way[0].result()
            die()
        return under_way

    def call_and_die(statement: str, *values: Any) -> Any:
        if "acknowledge" not in statement:
            return call(statement, *values)
        if step == "after the acknowledgement":
            call(statement, *values)
        die()
        return []

    if step == "after the claim":
        publisher.publish = die
    elif step == "while publishing":
        publisher._send = send_some
    else:
        db.call = call_and_die


def main(step: str, claim_max: str = "500") -> None:
    """Drain until death; who wants several to die at once lets each claim less."""
    sys.path.insert(0, str(ROOT / "functions" / "relay"))
    import draining

    draining.CLAIM_MAX = int(claim_max)
    if step != "never":
        arm(step)
    draining.drain_outbox(20, until_empty=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
