"""pool — a bounded set of Postgres connections for the threads of one instance.

A few lines of our own instead of SQLAlchemy's pool: that one costs 180 ms of every cold start
and would be used for nothing else (docs/decisions/0003-database-access.md).
"""

import queue
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from pg8000.converters import make_params
from pg8000.core import CoreConnection
from pg8000.exceptions import DatabaseError, InterfaceError

from shared import config, errors, log
from shared.problem import Problem

# A request that finds no free connection within this time is told to come back: a longer queue
# would only make every answer late.
QUEUE_TIMEOUT_SECONDS = 2.0
CONNECT_TIMEOUT_SECONDS = 3.0
# Above every statement_timeout that the database sets for our roles (10 s), so that the database's
# verdict arrives before we stop listening; below every deadline of a caller (15 s), so that our own
# verdict, which may be that the outcome is not known, arrives before theirs.
ANSWER_TIMEOUT_SECONDS = 12.0


class ConnectionLost(Exception):
    """The connection broke: what was under way may or may not have happened."""


class Connection:
    """One connection in autocommit, with its prepared statements."""

    def __init__(self, core: CoreConnection) -> None:
        self._core = core
        self._statements: dict[str, tuple[bytes, Any, Any]] = {}

    def run(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        """Return the rows of `sql`, prepared at its first use on this connection."""
        statement = self._statements.get(sql)
        if statement is None:
            statement = self._statements[sql] = self._core.prepare_statement(sql, ())
        name, columns, input_functions = statement
        parameters = make_params(self._core.py_types, values)
        return self._core.execute_named(name, parameters, columns, input_functions, sql).rows or []

    def is_open(self) -> bool:
        """Return whether the server still listens: an idle connection has nothing to read but its end."""
        # poll, because select() knows no file descriptor above 1,023.
        ear = select.poll()
        ear.register(self._core._usock, select.POLLIN)  # noqa: SLF001 - it offers no other way
        return not ear.poll(0)

    def close(self) -> None:
        """Close without ceremony: the other end may be gone."""
        with suppress(InterfaceError, OSError):
            self._core.close()


class Pool:
    """At most `size` connections; the one used last is taken first, so that idle ones stay idle."""

    def __init__(self, size: int) -> None:
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue()
        self._places = threading.BoundedSemaphore(size)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection; after a refusal it is kept, after anything else that is raised it is closed.

        Raises Unavailable where no place is free within QUEUE_TIMEOUT_SECONDS or the database
        cannot be reached: in both cases nothing has been sent.
        """
        if not self._places.acquire(timeout=QUEUE_TIMEOUT_SECONDS):
            raise errors.Unavailable("Too many requests wait for the database")
        try:
            connection = self._take()
            try:
                yield connection
            except (Problem, DatabaseError):
                # The server refused in order: the next request may have this connection.
                self._idle.put(connection)
                raise
            except BaseException:
                connection.close()
                raise
            self._idle.put(connection)
        finally:
            self._places.release()

    def _take(self) -> Connection:
        while True:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                return _connect()
            if connection.is_open():
                return connection
            connection.close()


def sqlstate(error: Exception) -> str:
    """Return the SQLSTATE that the server gave for an error of pg8000; "" where it gave none."""
    fields = error.args[0] if error.args else None
    return str(fields.get("C", "")) if isinstance(fields, dict) else ""


@cache
def pool() -> Pool:
    """Return this process's pool, of DATABASE_POOL_SIZE connections."""
    return Pool(int(config.require("DATABASE_POOL_SIZE")))


def _connect() -> Connection:
    try:
        core = open_connection()
    except config.ConfigMissing:
        raise
    except Exception as error:
        # The connector raises its own errors and those of the libraries that it asks Google with.
        log.write(
            "WARNING", "The database took no connection", error_type=type(error).__name__, sqlstate=sqlstate(error)
        )
        raise errors.Unavailable() from error
    core._usock.settimeout(ANSWER_TIMEOUT_SECONDS)  # noqa: SLF001 - it offers no other way
    return Connection(core)


def open_connection() -> CoreConnection:
    """Return a connection of our own to the database that the environment names (migrations use it too)."""
    return _connect_cloud() if config.optional("DATABASE_INSTANCE") else _connect_directly()


def _connect_directly() -> CoreConnection:
    core = CoreConnection(
        config.require("DATABASE_USER"),
        host=config.require("DATABASE_HOST"),
        port=int(config.require("DATABASE_PORT")),
        database=config.require("DATABASE_NAME"),
        password=config.require("DATABASE_PASSWORD"),
        timeout=CONNECT_TIMEOUT_SECONDS,
        ssl_context=False,  # this way leads over the loopback only, and loading CA certificates takes 24 ms
    )
    # The limit ends with connecting, as the connector's does: a migration may build an index for minutes.
    core._usock.settimeout(None)  # noqa: SLF001 - it offers no other way
    return core


def _connect_cloud() -> CoreConnection:
    from asyncio import run_coroutine_threadsafe  # 11 ms of cold start, and the connector needs it anyway

    instance, user, database = map(config.require, ("DATABASE_INSTANCE", "DATABASE_USER", "DATABASE_NAME"))
    connector, loop = _connector()
    asked = run_coroutine_threadsafe(
        connector.connect_async(
            instance,
            "pg8000",
            user=user,
            db=database,
            enable_iam_auth=True,
            ip_type="private",
            timeout=CONNECT_TIMEOUT_SECONDS,
        ),
        loop,
    )
    try:
        # The connector's own limit binds the last of its steps alone: before it, it asks two of Google's
        # services for a certificate and a token.
        return asked.result(CONNECT_TIMEOUT_SECONDS)
    finally:
        asked.cancel()  # no more than a word once it is done


@cache
def _connector() -> tuple[Any, Any]:
    """Return the connector, and the loop of a thread of its own in which it works."""
    # Imported here alone: it costs 400 ms of cold start, and a local run never needs it.
    from asyncio import new_event_loop

    from google.cloud.sql.connector import Connector

    loop = new_event_loop()
    # Lazy, because an instance's CPU sleeps between requests and a background refresh with it.
    connector = Connector(refresh_strategy="lazy", loop=loop)
    threading.Thread(target=loop.run_forever, name="connector", daemon=True).start()
    return connector, loop
