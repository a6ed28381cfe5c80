"""The console draws the traces that the parts have written, and stumbles over nothing in the file."""

from pathlib import Path

import pytest

from emulators.console import traces
from shared import trace


def write(file: Path, monkeypatch: pytest.MonkeyPatch, part: str, header: str) -> str:
    """Write a request of a part with one statement in it, and return the header that continues it."""
    monkeypatch.setenv("TRACES_FILE", str(file))
    monkeypatch.setenv("K_SERVICE", part)
    with trace.request(header) as span, trace.span("CALL ledger.transfer"):
        assert span is not None
        span.name = f"{part}'s work"
        return trace.header()["traceparent"]


def test_a_trace_of_two_parts_is_one_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a function did for a request of the gateway hangs below it, and the newest trace stands first."""
    file = tmp_path / "traces"
    write(file, monkeypatch, "wallet-api", "")
    inside = write(file, monkeypatch, "gateway", "")
    write(file, monkeypatch, "transfers-api", inside)

    newest, older = traces.newest(file)

    assert [span["part"] for span in newest["spans"]] == ["gateway", "gateway", "transfers-api", "transfers-api"]
    assert [span["depth"] for span in newest["spans"]] == [0, 1, 2, 3]
    assert older["name"] == "wallet-api's work"
    assert all(0 <= span["offset"] <= 1 for span in newest["spans"])


def test_a_missing_empty_or_cut_file_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first request there is nothing, and a line that the tail cuts is left out."""
    file = tmp_path / "traces"
    assert traces.newest(file) == []
    file.write_bytes(b'ibutes":[]}]}]}]}\n')
    assert traces.newest(file) == []
    write(file, monkeypatch, "wallet-api", "")
    assert len(traces.newest(file)) == 1
