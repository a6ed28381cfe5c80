"""trace — where a request's time went: spans in the order of W3C Trace Context, sent by OpenTelemetry.

A span is noted here in some 5 µs, as a struct. OpenTelemetry's own SDK and exporter describe, encode and
send it (shared/telemetry.py); they take 140 ms of CPU to import, so that happens in a thread beside a later
request and never before an answer that waits for it (docs/decisions/0026-opentelemetry-off-the-cold-path.md).

Nothing is noted where OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names no place to send it to, nor for a
request that its caller does not want sampled. Attributes are constants of the code and never a
person's data. Spans wait in memory and leave beside a later request, because an instance's CPU
sleeps between them.
"""

import os
import re
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from secrets import randbits
from typing import Final

import msgspec

from shared import log

# https://www.w3.org/TR/trace-context/#traceparent-header: version, trace, parent, flags.
TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\Z")
# OpenTelemetry's own settings: where spans go, and whether a request without a caller's trace begins one.
ENDPOINT: Final = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
SAMPLER: Final = "OTEL_TRACES_SAMPLER"
BATCH_AGE: Final = "OTEL_BSP_SCHEDULE_DELAY"  # milliseconds
EMPTY: Final[Mapping[str, str | int]] = {}

# OpenTelemetry's SpanKind, by name.
SERVER: Final = "SERVER"
CLIENT: Final = "CLIENT"
PRODUCER: Final = "PRODUCER"
CONSUMER: Final = "CONSUMER"

# A batch leaves when it is worth a connection, or when its oldest span would soon be looked for.
BATCH_SPANS = 50
BATCH_AGE_MS = 10_000
# What a failing endpoint may cost in memory, about 0.5 MB; the oldest fall out.
WAITING_SPANS_MAX = 1000


class Span(msgspec.Struct):
    """One piece of work: times in nanoseconds since 1970."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: str
    start_ns: int
    attributes: dict[str, str | int]
    end_ns: int = 0
    is_failed: bool = False


class Trace:
    """One trace as far as it runs through here; what is open last is the parent of what comes."""

    def __init__(self, trace_id: str, parent_id: str) -> None:
        self.trace_id = trace_id
        self.open: list[str] = [parent_id]

    def begin(self, name: str, kind: str, attributes: Mapping[str, str | int] = EMPTY) -> Span:
        """Open a span under the one that is open last."""
        span_id = f"{_number(64):016x}"
        begun = Span(self.trace_id, span_id, self.open[-1], name, kind, time.time_ns(), {**attributes})
        self.open.append(span_id)
        return begun

    def end(self, begun: Span) -> None:
        """Close a span and put it with those that wait to be sent."""
        begun.end_ns = time.time_ns()
        self.open.remove(begun.span_id)
        _waiting.append(begun)

    def parent(self) -> str:
        """Return the traceparent under which this trace goes on elsewhere."""
        return f"00-{self.trace_id}-{self.open[-1]}-01"


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)
_waiting: deque[Span] = deque(maxlen=WAITING_SPANS_MAX)
_sending = threading.Lock()


@contextmanager
def request(traceparent: str) -> Iterator[Span | None]:
    """Record the work for one request as a server span; None where its caller does not want it sampled.

    `traceparent` is the request's header of this name, or nothing. Without a header a local run
    begins a trace of its own, and a deployment does not: Google's front end has put one on
    everything that it lets in and decided about sampling.
    """
    send_due()
    with _within(continued(traceparent) or _begun(traceparent)), span("request", SERVER) as recorded:
        yield recorded


@contextmanager
def message(traceparent: str, name: str, kind: str = CONSUMER) -> Iterator[Span | None]:
    """Record the work for one message under the trace that caused it; under the current one where it names none."""
    cause = continued(traceparent)
    if cause is None:
        yield None
        return
    with _within(cause), span(name, kind) as recorded:
        yield recorded


@contextmanager
def span(name: str, kind: str = CLIENT, *, attributes: Mapping[str, str | int] = EMPTY) -> Iterator[Span | None]:
    """Record a piece of work inside the current request; None where there is no sampled one."""
    trace = _current.get()
    if trace is None:
        yield None
        return
    recorded = trace.begin(name, kind, attributes)
    try:
        yield recorded
    except BaseException:
        recorded.is_failed = True
        raise
    finally:
        trace.end(recorded)


def continued(traceparent: str) -> Trace | None:
    """Return the caller's trace, to go on with; None where there is none, or nobody wants to see it."""
    found = TRACEPARENT.match(traceparent) if ENDPOINT in os.environ else None
    return Trace(found[1], found[2]) if found is not None and int(found[3], 16) & 1 else None


def parent() -> str:
    """Return the traceparent that continues the current trace elsewhere; "" where there is none."""
    trace = _current.get()
    return "" if trace is None else trace.parent()


def trace_id(traceparent: str) -> str | None:
    """Return the id of the caller's trace, sampled or not, for the log's line."""
    if (trace := _current.get()) is not None:
        return trace.trace_id
    found = TRACEPARENT.match(traceparent)
    return found[1] if found else None


def send_due() -> None:
    """Send a batch that is due while this instance has the CPU on; work that takes long asks now and then."""
    with suppress(IndexError):  # nothing waits, or another thread has just taken it
        age_ms = (time.time_ns() - _waiting[0].end_ns) / 1e6
        if len(_waiting) >= BATCH_SPANS or age_ms > int(os.environ.get(BATCH_AGE, BATCH_AGE_MS)):
            flush()


def flush() -> None:
    """Send what waits, in a thread of its own; does nothing while one is at it."""
    if _waiting and _sending.acquire(blocking=False):
        threading.Thread(target=_send, daemon=True).start()


@contextmanager
def _within(trace: Trace | None) -> Iterator[None]:
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)


def _begun(traceparent: str) -> Trace | None:
    """Return a trace of our own, where the sampler wants one for a request that came without."""
    wanted = ENDPOINT in os.environ and os.environ.get(SAMPLER) == "parentbased_always_on"
    return Trace(f"{_number(128):032x}", "") if wanted and not TRACEPARENT.match(traceparent) else None


def _number(bits: int) -> int:
    return randbits(bits) or 1  # names, not secrets; zero is not allowed


def _send() -> None:
    try:
        from shared import telemetry  # OpenTelemetry's SDK: paid once, beside a request and not before it

        telemetry.export([_waiting.popleft() for _ in range(len(_waiting))])
    except Exception as error:  # noqa: BLE001 - whatever it was, traces are for looking, and the request goes on
        # A batch that does not arrive is gone.
        log.write("NOTICE", "Traces were not taken", error_type=type(error).__name__)
    finally:
        _sending.release()
