"""Serve a deployment that is killed like a lost machine at one step: `mortal.py <step> <source> <target> <port>`.

The code is the deployed one; only the step at which the process ends is put around it.
"""

import os
import signal
import sys
from typing import Any


def die(*_arguments: Any, **_options: Any) -> None:
    """End at once, as `kill -9` does: nothing is flushed, closed or told."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(step: str) -> None:
    """Put the end of this process where `step` says."""
    from shared import ledger, topups

    settle, advance = ledger.settle_top_up, topups.advance

    def settle_and_die(*arguments: Any, **options: Any) -> None:
        settle(*arguments, **options)
        die()

    def advance_and_die(*arguments: Any, **options: Any) -> None:
        advance(*arguments, **options)
        die()

    if step == "before the gate":
        topups.advance = die
    elif step == "after the gate":
        topups.advance = advance_and_die
    elif step == "before the last write":
        ledger.settle_top_up = settle_and_die
    else:
        assert step == "inside the settlement", step  # the test itself kills it there


def main(step: str, source: str, target: str, port: str) -> None:
    """Serve `target` of `source` on a thread for each request."""
    import functions_framework
    from werkzeug.serving import make_server

    application = functions_framework.create_app(target, source)
    arm(step)
    make_server("127.0.0.1", int(port), application, threaded=True).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
