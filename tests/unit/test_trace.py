"""Traces continue their caller's, cost nothing unsampled, and leave by OpenTelemetry's own exporter beside a later request."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import google.auth
import pytest
from google.auth.credentials import AnonymousCredentials
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from shared import telemetry, trace

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{PARENT}-01"
UNSAMPLED = f"00-{TRACE}-{PARENT}-00"


class Collector:
    """Stands for Google's collector: keeps what it was sent, with the headers."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], ExportTraceServiceRequest]] = []

    def spans(self) -> list[Sent]:
        """Every span that has arrived."""
        resources = [resource for _, _, request in self.received for resource in request.resource_spans]
        return [span for resource in resources for scope in resource.scope_spans for span in scope.spans]

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """What answers."""
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append(
                    (
                        self.path,
                        {name.lower(): value for name, value in self.headers.items()},
                        ExportTraceServiceRequest.FromString(body),
                    )
                )
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[trace.deque[trace.Span]]:
    """What has ended and not left yet; nothing of this test leaves by itself."""
    monkeypatch.setenv(trace.ENDPOINT, "http://127.0.0.1:1/v1/traces")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "wallet-test")
    monkeypatch.setenv("ENVIRONMENT", "local")
    monkeypatch.delenv(trace.SAMPLER, raising=False)
    monkeypatch.setattr(trace, "_waiting", trace.deque(maxlen=5))
    telemetry._exporter.cache_clear()
    telemetry._resource.cache_clear()
    yield trace._waiting
    settle()
    telemetry._exporter.cache_clear()


@pytest.fixture
def collector(waiting: trace.deque[trace.Span], monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that the settings name."""
    collector = Collector()
    server = ThreadingHTTPServer(("127.0.0.1", 0), collector.handler())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(trace.ENDPOINT, f"http://127.0.0.1:{server.server_port}/v1/traces")
    yield collector
    server.shutdown()


def settle() -> None:
    """Wait until nothing is being sent."""
    with trace._sending:
        pass


def test_a_requests_spans_form_a_tree_below_its_caller(waiting: trace.deque[trace.Span]) -> None:
    """The server span is the caller's child, and what it does inside is its own."""
    with trace.request(SAMPLED), trace.span("CALL ledger.transfer"):
        pass
    inner, outer = waiting

    assert {inner.trace_id, outer.trace_id} == {TRACE}
    assert (outer.parent_id, inner.parent_id) == (PARENT, outer.span_id)
    assert (outer.kind, inner.kind) == (trace.SERVER, trace.CLIENT)
    assert outer.start_ns <= inner.start_ns <= inner.end_ns <= outer.end_ns


def test_siblings_are_siblings(waiting: trace.deque[trace.Span]) -> None:
    """A span that has ended is nobody's parent."""
    with trace.request(SAMPLED):
        with trace.span("first"):
            pass
        with trace.span("second"):
            pass
    first, second, outer = waiting
    assert first.parent_id == second.parent_id == outer.span_id


def test_an_unsampled_request_records_nothing(waiting: trace.deque[trace.Span]) -> None:
    """The caller's decision holds for us, and its id still stands in our log."""
    with trace.request(UNSAMPLED) as recorded, trace.span("inside") as inner:
        assert trace.parent() == ""
    assert (recorded, inner) == (None, None)
    assert not waiting
    assert trace.trace_id(UNSAMPLED) == TRACE


def test_without_an_exporter_nothing_is_recorded(
    waiting: trace.deque[trace.Span], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no address is set, a sampled request costs a look at its header and no more."""
    monkeypatch.delenv(trace.ENDPOINT)
    monkeypatch.setenv(trace.SAMPLER, "parentbased_always_on")
    for header in (SAMPLED, ""):
        with trace.request(header) as recorded, trace.message(header, "deliver event") as inner:
            assert (recorded, inner) == (None, None)
    assert not waiting


def test_a_local_request_without_a_header_begins_a_trace(
    waiting: trace.deque[trace.Span], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A developer sees every request; a deployment leaves the beginning to Google's front end."""
    with trace.request("") as recorded:
        assert recorded is None
    monkeypatch.setenv(trace.SAMPLER, "parentbased_always_on")
    with trace.request("") as recorded:
        assert recorded is not None
        assert trace.parent() == f"00-{recorded.trace_id}-{recorded.span_id}-01"
    with trace.request(UNSAMPLED) as recorded:
        assert recorded is None
    assert len(waiting) == 1


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("value", ["", "00-0-0-01", f"00-{TRACE.upper()}-{PARENT}-01", SAMPLED + "\n"])
def test_a_malformed_header_is_no_trace(value: str) -> None:
    """What is no traceparent is treated as none."""
    with trace.request(value) as recorded:
        assert recorded is None


def test_a_failure_is_marked_and_passes_on(waiting: trace.deque[trace.Span]) -> None:
    """The span of what raised is failed, and the exception is the caller's still."""
    with pytest.raises(KeyError), trace.request(SAMPLED), trace.span("inside"):
        raise KeyError
    assert [span.is_failed for span in waiting] == [True, True]


def test_a_message_goes_on_with_the_trace_that_caused_it(waiting: trace.deque[trace.Span]) -> None:
    """What is done for a message hangs below its cause; afterwards the push's own trace is current again."""
    other = f"00-{'a' * 32}-{'b' * 16}-01"
    with trace.request(other), trace.message(SAMPLED, "deliver event"), trace.span("commit notifications"):
        pass
    written, delivered, pushed = waiting
    assert {written.trace_id, delivered.trace_id} == {TRACE}
    assert (delivered.parent_id, written.parent_id) == (PARENT, delivered.span_id)
    assert (delivered.kind, pushed.trace_id) == (trace.CONSUMER, "a" * 32)


def test_a_message_without_a_trace_stays_in_the_pushs(waiting: trace.deque[trace.Span]) -> None:
    """An event that nobody traced is still seen as work of the push that brought it."""
    with trace.request(SAMPLED), trace.message("", "deliver event") as recorded:
        assert recorded is None
        with trace.span("commit notifications"):
            pass
    assert {span.trace_id for span in waiting} == {TRACE}


def test_a_batch_leaves_beside_a_later_request(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans wait for a later request, and go out once, as OpenTelemetry's exporter encodes them."""
    monkeypatch.setattr(trace, "BATCH_SPANS", 2)
    monkeypatch.setenv("K_SERVICE", "transfers-api")
    with trace.request(SAMPLED) as recorded, trace.span("CALL ledger.transfer"):
        assert recorded is not None
        recorded.attributes["http.response.status_code"] = 500
        recorded.is_failed = True
    assert collector.received == []
    for _ in range(2):
        with trace.request(UNSAMPLED):
            settle()
    inner, outer = collector.spans()
    [(path, headers, body)] = collector.received
    assert (path, headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
    named = {one.key: one.value.string_value for one in body.resource_spans[0].resource.attributes}
    assert (named["service.name"], named["telemetry.sdk.name"]) == ("transfers-api", "opentelemetry")
    assert (outer.trace_id.hex(), outer.parent_span_id.hex(), inner.parent_span_id) == (TRACE, PARENT, outer.span_id)
    assert (outer.kind, inner.kind) == (Sent.SPAN_KIND_SERVER, Sent.SPAN_KIND_CLIENT)
    assert (outer.status.code, inner.status.code) == (Status.STATUS_CODE_ERROR, Status.STATUS_CODE_UNSET)
    assert [(one.key, one.value.int_value) for one in outer.attributes] == [("http.response.status_code", 500)]


def test_a_batch_leaves_when_its_oldest_span_is_old(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quiet deployment's few spans are sent too, when the delay of OpenTelemetry's setting has passed."""
    monkeypatch.setenv(trace.BATCH_AGE, "60000")
    with trace.request(SAMPLED):
        pass
    with trace.request(UNSAMPLED):
        settle()
    assert collector.received == []
    monkeypatch.setenv(trace.BATCH_AGE, "1")
    time.sleep(0.01)
    with trace.request(UNSAMPLED):
        settle()
    assert len(collector.spans()) == 1


def test_in_the_cloud_a_batch_says_whose_it_is(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's endpoint wants the account of the deployment, and the project that pays for the call."""

    class Credentials(AnonymousCredentials):
        def before_request(self, request, method, url, headers):
            headers |= {"Authorization": "Bearer of the instance"}

    asked = []
    monkeypatch.setenv("ENVIRONMENT", "prod")
    monkeypatch.setattr(google.auth, "default", lambda **words: (asked.append(words), (Credentials(), ""))[1])
    with trace.request(SAMPLED):
        pass
    trace.flush()
    settle()
    [(_, headers, _)] = collector.received
    assert headers["authorization"] == "Bearer of the instance"
    assert "quota_project_id" not in asked[0], "no deployment may use another project's quota, nor its own by name"


def test_a_deaf_collector_costs_neither_requests_nor_memory(
    waiting: trace.deque[trace.Span], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be sent is dropped; what waits is bounded; requests go on."""
    monkeypatch.setattr(telemetry, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(trace, "BATCH_SPANS", 1)
    for _ in range(20):
        with trace.request(SAMPLED):
            pass
    settle()
    assert len(waiting) <= 5
    assert "Traces were not taken" in capsys.readouterr().out


def test_no_function_loads_opentelemetry_before_its_first_answer() -> None:
    """What every function imports brings neither SDK nor exporter; they come with the first batch."""
    ask = "import sys, shared.http, shared.trace; print([n for n in sys.modules if n.startswith('opentelemetry.sdk')])"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
