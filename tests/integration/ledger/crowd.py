"""Many sessions that do something at the same moment, as the deployed function would: prepared, in autocommit."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from pg8000.exceptions import DatabaseError
from pg8000.native import Connection

TRANSFER = "CALL ledger.transfer(:i, :u, :n, :a, :m, NULL, NULL, NULL, NULL, NULL)"


class Crowd:
    """As many sessions as threads; each keeps its own connection from round to round."""

    def __init__(self, connect: Callable[[], Connection], size: int, sql: str = TRANSFER) -> None:
        self.sessions = [connect() for _ in range(size)]
        for session in self.sessions:
            session.run("SET lock_timeout = '60s'")  # a busy machine is no failure of a race
            session.run("SET statement_timeout = '120s'")
        self.statements = [session.prepare(sql) for session in self.sessions]

    def run(self, arguments: Sequence[dict[str, Any]]) -> list[Any]:
        """Run the statement with each of `arguments` from a session of its own, all at once; see `at_once`."""
        pairs = zip(self.statements, arguments, strict=True)
        return at_once([lambda s=s, a=a: s.run(**a)[0] for s, a in pairs])


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make every call in a thread of its own at the same moment; an answer or an SQLSTATE for each."""
    gate = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def go(index: int) -> None:
        gate.wait()
        try:
            answers[index] = calls[index]()
        except DatabaseError as error:
            answers[index] = error.args[0]["C"]

    threads = [threading.Thread(target=go, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
