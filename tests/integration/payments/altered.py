"""Serve a deployment with one thing changed: `altered.py <change> <source> <target> <port>`.

The code is the deployed one; a change is the step at which the process ends as by `kill -9`, or
"unrecorded": the documents' writes left out, to measure what they cost.
"""

import os
import signal
import sys
from typing import Any

from msgspec import structs


def die(*_arguments: Any, **_options: Any) -> None:
    """End at once, as `kill -9` does: nothing is flushed, closed or told."""
    os.kill(os.getpid(), signal.SIGKILL)


def alter(change: str) -> None:
    """Put the end of this process, or the missing writes, where `change` says."""
    from shared import clock, ledger, topups

    settle, advance = ledger.settle_top_up, topups.advance

    def settle_and_die(*arguments: Any, **options: Any) -> None:
        settle(*arguments, **options)
        die()

    def advance_and_die(*arguments: Any, **options: Any) -> None:
        advance(*arguments, **options)
        die()

    def advance_unrecorded(top_up: Any, step: Any, *_also: Any) -> Any:
        fields = topups._changes(step, clock.now())
        return topups.of(structs.replace(top_up.document, fields=top_up.document.fields | fields))

    if change == "unrecorded":
        topups.advance = advance_unrecorded
    elif change == "before the gate":
        topups.advance = die
    elif change == "after the gate":
        topups.advance = advance_and_die
    elif change == "before the last write":
        ledger.settle_top_up = settle_and_die
    else:
        assert change == "inside the settlement", change  # the test itself kills it there


def main(change: str, source: str, target: str, port: str) -> None:
    """Serve `target` of `source` as functions-framework does; where it is to die, in this one process alone."""
    import functions_framework
    from functions_framework import _http
    from werkzeug.serving import make_server

    application = functions_framework.create_app(target, source)
    alter(change)
    if change == "unrecorded":
        # What is measured stands on the very server that it is measured against, with the same THREADS.
        _http.create_server(application, debug=False).run("127.0.0.1", int(port))
        return
    make_server("127.0.0.1", int(port), application, threaded=True).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
