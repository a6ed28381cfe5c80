"""Traces continue their caller's, cost nothing unsampled, and are written as OpenTelemetry reads them."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared import trace

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{PARENT}-01"
UNSAMPLED = f"00-{TRACE}-{PARENT}-00"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file to which a local run writes its traces."""
    monkeypatch.setenv("TRACES_FILE", str(tmp_path / "traces"))
    return tmp_path / "traces"


def spans(file: Path) -> list[dict[str, Any]]:
    """Return the spans of every line of the file."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return [span for line in lines for span in line["resourceSpans"][0]["scopeSpans"][0]["spans"]]


def test_a_requests_spans_form_a_tree_below_its_caller(file: Path) -> None:
    """The server span is the caller's child, and what it does inside is its own."""
    with trace.request(SAMPLED), trace.span("CALL ledger.transfer"):
        pass
    inner, outer = spans(file)

    assert {inner["traceId"], outer["traceId"]} == {TRACE}
    assert (outer["parentSpanId"], inner["parentSpanId"]) == (PARENT, outer["spanId"])
    assert (outer["kind"], inner["kind"]) == (trace.SERVER, trace.CLIENT)
    assert int(outer["startTimeUnixNano"]) <= int(inner["startTimeUnixNano"]) <= int(inner["endTimeUnixNano"])


def test_siblings_are_siblings(file: Path) -> None:
    """A span that has ended is nobody's parent."""
    with trace.request(SAMPLED):
        with trace.span("first"):
            pass
        with trace.span("second"):
            pass
    first, second, outer = spans(file)
    assert first["parentSpanId"] == second["parentSpanId"] == outer["spanId"]


def test_an_unsampled_request_records_nothing(file: Path) -> None:
    """The caller's decision holds for us, and its id still stands in our log."""
    with trace.request(UNSAMPLED) as recorded, trace.span("inside") as inner:
        assert trace.header() == {}
    assert (recorded, inner) == (None, None)
    assert not file.exists()
    assert trace.trace_id(UNSAMPLED) == TRACE


def test_a_local_request_without_a_header_begins_a_trace(file: Path) -> None:
    """A developer sees every request; a deployment leaves the beginning to Google's front end."""
    with trace.request("") as recorded:
        assert recorded is not None
        assert trace.header()["traceparent"] == f"00-{recorded.trace_id}-{recorded.span_id}-01"
    assert len(spans(file)) == 1


@pytest.mark.parametrize("value", ["", "00-0-0-01", f"00-{TRACE.upper()}-{PARENT}-01", SAMPLED + "\n"])
def test_a_malformed_header_is_no_trace(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no traceparent is treated as none."""
    monkeypatch.delenv("TRACES_FILE", raising=False)
    with trace.request(value) as recorded:
        assert recorded is None


def test_a_failure_is_marked_and_passes_on(file: Path) -> None:
    """The span of what raised is failed, and the exception is the caller's still."""
    with pytest.raises(KeyError), trace.request(SAMPLED), trace.span("inside"):
        raise KeyError
    assert [span["status"] for span in spans(file)] == [{"code": 2}, {"code": 2}]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, dict[str, str], Any]]]:
    """Stands for Google's collector and metadata server; keeps what it was sent."""
    received: list[tuple[str, dict[str, str], Any]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(b'{"access_token": "of the instance"}')

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.path, dict(self.headers), json.loads(body)))
            self.answer(b"{}")

        def answer(self, body: bytes) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(trace, "ENDPOINT", f"http://127.0.0.1:{server.server_port}/v1/traces")
    monkeypatch.setattr(trace, "IDENTITY", f"http://127.0.0.1:{server.server_port}/token")
    monkeypatch.setattr(trace, "_waiting", trace.deque(maxlen=5))
    monkeypatch.delenv("TRACES_FILE", raising=False)
    yield received
    server.shutdown()


def settle() -> None:
    """Wait until nothing is being sent."""
    with trace._sending:
        pass


def test_a_batch_leaves_beside_a_later_request(
    collector: list[tuple[str, dict[str, str], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spans wait for a later request, and go out once, with the instance's own token."""
    monkeypatch.setattr(trace, "BATCH_SPANS", 2)
    with trace.request(SAMPLED), trace.span("inside"):
        pass
    assert collector == []
    with trace.request(UNSAMPLED):
        settle()
    with trace.request(UNSAMPLED):
        settle()
    [(path, headers, body)] = collector
    assert path == "/v1/traces"
    assert headers["Authorization"] == "Bearer of the instance"
    assert len(body["resourceSpans"][0]["scopeSpans"][0]["spans"]) == 2


@pytest.mark.usefixtures("collector")
def test_a_deaf_collector_costs_neither_requests_nor_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be sent is dropped; what waits is bounded; requests go on."""
    monkeypatch.setattr(trace, "IDENTITY", "http://127.0.0.1:1/token")
    monkeypatch.setattr(trace, "BATCH_SPANS", 1)
    for _ in range(20):
        with trace.request(SAMPLED):
            pass
    settle()
    assert len(trace._waiting) <= 5
