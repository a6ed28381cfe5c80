"""db — the one way to Postgres: a bounded pool of pg8000 connections and prepared statements.

What must be atomic is one routine of the database, so there is no transaction here to hold open:
each call is one statement, one round trip. What `call` runs may be repeated; what `call_once` runs
commits, and a commit whose answer is lost is reported as OutcomeUnknown, never as a failure.
"""

import json
import random
import re
import time
from functools import cache
from typing import Any, TypeVar

from pg8000.exceptions import DatabaseError, InterfaceError

from shared import errors, log, sqlstates, trace
from shared.pool import Connection, ConnectionLost, pool, sqlstate

Row = TypeVar("Row")

# A deadlock or a serialization failure rolled the whole transaction back: running it again is safe.
RETRIES_MAX = 3
_RETRYABLE = {"40001", "40P01"}
# Nothing has happened: the lock was not had in time, or the server took no connection.
_NOTHING_HAPPENED = {"55P03", "53300", "57P03"}


class StatementStopped(ConnectionLost):
    """A statement's time is over, by the database's limit or by ours; one that commits may have committed."""


def call(sql: str, *values: Any) -> list[Any]:
    """Return the rows of `sql`, a statement that is safe to run twice.

    `values` stand for $1, $2 … in order; each row is a list of Python values. Raises the problem
    of an LW SQLSTATE, or Unavailable where the database does not answer.
    """
    try:
        return _run(sql, values)
    except StatementStopped as error:
        # It took too long once; a second try would take as long, and the caller's patience.
        raise errors.Unavailable() from error
    except ConnectionLost:
        try:
            return _run(sql, values)
        except ConnectionLost as error:
            raise errors.Unavailable() from error


def row(sql: str, *values: Any) -> list[Any] | None:
    """Return the first row of `call(sql, *values)`, or None."""
    return next(iter(call(sql, *values)), None)


def rows(sql: str, *values: Any, row: type[Row]) -> list[Row]:
    """Return `call(sql, *values)` as instances of the struct `row`, whose fields stand in the columns' order."""
    return [row(*columns) for columns in call(sql, *values)]


def call_once(sql: str, *values: Any, announces: bool = False) -> list[Any]:
    """Return the rows of `sql`, a statement that commits.

    `announces` says that it writes an event, and that $1 is an id: where this request is traced,
    the event's row is told the trace that it belongs to, on the way of that id.

    Raises the problem of an LW SQLSTATE; Unavailable where it is certain that nothing happened;
    OutcomeUnknown where the commit may have succeeded unheard.
    """
    try:
        return _run(sql, values, announces=announces)
    except ConnectionLost as error:
        raise errors.OutcomeUnknown() from error


def _run(sql: str, values: tuple[Any, ...], *, announces: bool = False) -> list[Any]:
    for attempt in range(RETRIES_MAX + 1):
        with pool().connection() as connection:
            try:
                with trace.span(_routine(sql), attributes={"db.system.name": "postgresql"}):
                    return _execute(connection, *(_under_trace(sql, values) if announces else (sql, values)))
            except DatabaseError as error:
                code = sqlstate(error)
                if code not in _RETRYABLE:
                    raise _problem(error, code) from error
        time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter, not a secret
    raise errors.Unavailable()


def _under_trace(sql: str, values: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """Return a statement that also tells the database its trace; as it was, where there is none."""
    parent = trace.parent()
    if not parent:
        return sql, values
    return sql.replace("$1", f"outbox.under_trace($1, ${len(values) + 1})", 1), (*values, parent)


@cache
def _routine(sql: str) -> str:
    """Return what a statement calls, e.g. `CALL ledger.transfer`: a name that groups its spans."""
    found = re.match(r"\s*(\w+)\s.*?(\w+\.\w+)", sql, re.DOTALL)
    return f"{found[1]} {found[2]}" if found else "SQL"


def _execute(connection: Connection, sql: str, values: tuple[Any, ...]) -> list[Any]:
    try:
        # failpoint: db.before_statement
        rows = connection.run(sql, values)
        # failpoint: db.after_statement
    except (InterfaceError, OSError, ValueError, TypeError) as error:
        # pg8000 meets a cut connection in many ways (a short read cannot be unpacked); after any
        # of them the protocol's state is unknown and so is the outcome.
        raise (StatementStopped if _is_timeout(error) else ConnectionLost) from error
    return rows


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError)


def _problem(error: DatabaseError, code: str) -> Exception:
    if code.startswith("LW"):
        return sqlstates.problem(code, json.loads(error.args[0].get("D", "{}")))
    if code in _NOTHING_HAPPENED:
        return errors.Unavailable()
    if code == "57014":
        return StatementStopped()
    if code[:2] in {"57", "08", "53", "58"}:
        return ConnectionLost()
    unforeseen: Exception = error
    log.write("ERROR", "The database refused a statement for a reason that no rule foresees", sqlstate=code)
    return unforeseen
