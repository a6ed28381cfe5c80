"""trace — where a request's time went: spans in OpenTelemetry's form, written without its SDK.

Ids, parents and sampling follow W3C Trace Context, names and attributes OpenTelemetry's semantic
conventions, and what is sent is OTLP/JSON; importing the SDK would cost 30–50 ms of every cold start
(docs/decisions/0023-traces-without-the-sdk.md). A request that its caller does not want sampled costs
nothing but a look at its header. Attributes are constants of the code and never a person's data.

A local run appends each finished trace to TRACES_FILE, which /__dev/traces shows. In the cloud,
spans wait in memory and leave beside a later request, because an instance's CPU sleeps between them.
"""

import os
import random
import re
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

import msgspec

from shared import log

# https://www.w3.org/TR/trace-context/#traceparent-header: version, trace, parent, flags.
TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\Z")
SERVER: Final = 2
CLIENT: Final = 3
PRODUCER: Final = 4
ERROR: Final = 2
EMPTY: Final[Mapping[str, str | int]] = {}

ENDPOINT: Final = "https://telemetry.googleapis.com/v1/traces"
IDENTITY: Final = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"
# A batch leaves when it is worth a connection, or when its oldest span would soon be looked for.
BATCH_SPANS = 50
BATCH_AGE_SECONDS = 10.0
# What a failing endpoint may cost in memory, about 0.5 MB; the oldest fall out.
WAITING_SPANS_MAX = 1000
SEND_TIMEOUT_SECONDS = 5.0


class Span(msgspec.Struct):
    """One piece of work: times in nanoseconds since 1970."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: int
    start_ns: int
    attributes: dict[str, str | int]
    end_ns: int = 0
    is_failed: bool = False


class Trace:
    """The spans of one request, as they end."""

    def __init__(self, trace_id: str, parent_id: str) -> None:
        self.trace_id = trace_id
        self.spans: list[Span] = []
        self.open: list[str] = [parent_id]


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)
_waiting: deque[Span] = deque(maxlen=WAITING_SPANS_MAX)
_sending = threading.Lock()


@contextmanager
def request(traceparent: str) -> Iterator[Span | None]:
    """Record the work for one request as a server span; None where its caller does not want it sampled.

    `traceparent` is the request's header of this name, or nothing.

    Without a header a local run begins a trace of its own, and a deployment does not: Google's
    front end has put one on everything that it lets in and decided about sampling.
    """
    _send_beside()
    began = _began(traceparent)
    token = _current.set(began)
    try:
        with span("request", SERVER) as recorded:
            yield recorded
    finally:
        _current.reset(token)
        if began is not None:
            _finish(began)


@contextmanager
def span(name: str, kind: int = CLIENT, *, attributes: Mapping[str, str | int] = EMPTY) -> Iterator[Span | None]:
    """Record a piece of work inside the current request; None where there is no sampled one."""
    trace = _current.get()
    if trace is None:
        yield None
        return
    recorded = Span(trace.trace_id, f"{_number(64):016x}", trace.open[-1], name, kind, time.time_ns(), {**attributes})
    trace.open.append(recorded.span_id)
    try:
        yield recorded
    except BaseException:
        recorded.is_failed = True
        raise
    finally:
        recorded.end_ns = time.time_ns()
        trace.open.remove(recorded.span_id)
        trace.spans.append(recorded)


def header() -> dict[str, str]:
    """Return the traceparent header that continues the current trace elsewhere; nothing where there is none."""
    trace = _current.get()
    return {} if trace is None else {"traceparent": f"00-{trace.trace_id}-{trace.open[-1]}-01"}


def trace_id(traceparent: str) -> str | None:
    """Return the id of the caller's trace, sampled or not, for the log's line."""
    if (trace := _current.get()) is not None:
        return trace.trace_id
    found = TRACEPARENT.match(traceparent)
    return found[1] if found else None


def document(spans: list[Span]) -> dict[str, Any]:
    """Return spans as an OTLP/JSON request (opentelemetry-proto, ExportTraceServiceRequest)."""
    resource = {
        "service.name": os.environ.get("K_SERVICE", "unknown"),
        "service.version": os.environ.get("K_REVISION", "local"),
        "gcp.project_id": os.environ.get("GOOGLE_CLOUD_PROJECT", ""),
    }
    scope = {"scope": {"name": "shared.trace"}, "spans": [_encoded(one) for one in spans]}
    return {"resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": [scope]}]}


def _began(traceparent: str) -> Trace | None:
    found = TRACEPARENT.match(traceparent)
    if found is not None:
        return Trace(found[1], found[2]) if int(found[3], 16) & 1 else None
    return Trace(f"{_number(128):032x}", "") if "TRACES_FILE" in os.environ else None


def _number(bits: int) -> int:
    return random.getrandbits(bits) or 1  # names, not secrets; zero is not allowed


def _finish(trace: Trace) -> None:
    path = os.environ.get("TRACES_FILE")
    if path is None:
        _waiting.extend(trace.spans)
        return
    # One write to a file opened for appending: lines of many processes never mix.
    with Path(path).open("ab", buffering=0) as file:
        file.write(msgspec.json.encode(document(trace.spans)) + b"\n")


def _send_beside() -> None:
    """Send what waits in a thread of its own, while this request has the CPU on."""
    if not _waiting or not _is_due() or not _sending.acquire(blocking=False):
        return
    threading.Thread(target=_send, daemon=True).start()


def _is_due() -> bool:
    oldest_seconds = (time.time_ns() - _waiting[0].end_ns) / 1e9
    return len(_waiting) >= BATCH_SPANS or oldest_seconds > BATCH_AGE_SECONDS


def _send() -> None:
    from urllib.request import Request, urlopen  # needed by a sampled instance only, after its first answers

    try:
        batch = [_waiting.popleft() for _ in range(len(_waiting))]
        asking = Request(IDENTITY, headers={"Metadata-Flavor": "Google"})
        with urlopen(asking, timeout=SEND_TIMEOUT_SECONDS) as answer:  # noqa: S310 - one of two constants
            token = msgspec.json.decode(answer.read())["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers["x-goog-user-project"] = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
        posted = Request(ENDPOINT, msgspec.json.encode(document(batch)), headers, method="POST")
        urlopen(posted, timeout=SEND_TIMEOUT_SECONDS).close()  # noqa: S310 - one of two constants
    except (OSError, ValueError, KeyError, IndexError) as error:
        # Traces are for looking, not for keeping: a batch that does not arrive is gone.
        log.write("NOTICE", "Traces were not taken", error_type=type(error).__name__)
    finally:
        _sending.release()


def _encoded(recorded: Span) -> dict[str, Any]:
    return {
        "traceId": recorded.trace_id,
        "spanId": recorded.span_id,
        "parentSpanId": recorded.parent_id,
        "name": recorded.name,
        "kind": recorded.kind,
        "startTimeUnixNano": str(recorded.start_ns),
        "endTimeUnixNano": str(recorded.end_ns),
        "attributes": _attributes(recorded.attributes),
        "status": {"code": ERROR} if recorded.is_failed else {},
    }


def _attributes(values: Mapping[str, str | int]) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in values.items()
    ]
