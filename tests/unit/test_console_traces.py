"""The console keeps the traces that the parts send, draws them, and stumbles over nothing in the file."""

from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from emulators.console import health, traces
from shared import telemetry, trace


@pytest.fixture(autouse=True)
def tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request is traced, and nothing is sent by itself."""
    monkeypatch.setenv(trace.ENDPOINT, "http://127.0.0.1:1/v1/traces")
    monkeypatch.setenv(trace.SAMPLER, "parentbased_always_on")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "wallet-test")
    monkeypatch.setattr(trace, "_waiting", trace.deque(maxlen=50))


def send(file: Path, monkeypatch: pytest.MonkeyPatch, part: str, header: str) -> str:
    """Send a request of a part with one statement in it, and return the header that continues it."""
    monkeypatch.setenv("K_SERVICE", part)
    telemetry._resource.cache_clear()
    with trace.request(header) as span, trace.span("CALL ledger.transfer"):
        assert span is not None
        span.name = f"{part}'s work"
        onward = trace.parent()
    encoded = encode_spans([telemetry.readable(one) for one in trace._waiting])
    trace._waiting.clear()
    traces.keep(encoded.SerializeToString(), file)
    return onward


def test_a_trace_of_two_parts_is_one_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a function did for a request of the gateway hangs below it, and the newest trace stands first."""
    file = tmp_path / "traces"
    send(file, monkeypatch, "wallet-api", "")
    inside = send(file, monkeypatch, "gateway", "")
    send(file, monkeypatch, "transfers-api", inside)

    newest, older = traces.newest(file)

    assert [span["part"] for span in newest["spans"]] == ["gateway", "gateway", "transfers-api", "transfers-api"]
    assert [span["depth"] for span in newest["spans"]] == [0, 1, 2, 3]
    assert older["name"] == "wallet-api's work"
    assert all(0 <= span["offset"] <= 1 for span in newest["spans"])


def test_a_missing_empty_or_cut_file_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first request there is nothing, and a line that the tail cuts is left out."""
    file = tmp_path / "traces"
    assert traces.newest(file) == []
    file.write_bytes(b'part": "gateway"}\n')
    assert traces.newest(file) == []
    send(file, monkeypatch, "wallet-api", "")
    assert len(traces.newest(file)) == 1


def test_the_consoles_own_questions_are_not_traced() -> None:
    """Health is asked every second and would push everything else off the page."""
    with trace.request(health.UNTRACED["traceparent"]) as recorded:
        assert recorded is None
    assert trace.trace_id(health.UNTRACED["traceparent"]) is not None


def test_what_is_no_otlp_is_refused(tmp_path: Path) -> None:
    """Nothing of it comes into the file."""
    with pytest.raises(ValueError, match="no OTLP"):
        traces.keep(b"\xff\xff", tmp_path / "traces")
    assert traces.newest(tmp_path / "traces") == []
