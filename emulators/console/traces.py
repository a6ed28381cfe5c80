"""The newest traces of the run: spans come as OTLP from every part's exporter, and stay in one file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

# The end of the file is enough for the newest: a span takes about 300 bytes.
TAIL_BYTES = 512 * 1024
TRACES_MAX = 25


def keep(sent: bytes, file: Path) -> None:
    """Append the spans of one OTLP request to the file. Raises ValueError for what is none."""
    try:
        request = ExportTraceServiceRequest.FromString(sent)
    except DecodeError as error:
        raise ValueError("this is no OTLP request") from error
    with file.open("a") as target:
        target.writelines(json.dumps(span) + "\n" for span in _spans(request))


def newest(file: Path) -> list[dict[str, Any]]:
    """Return the newest traces, the newest first, each with its spans in order and their depth."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for line in _tail(file):
        grouped.setdefault(line["trace_id"], []).append(line)
    found = sorted(grouped.values(), key=lambda spans: min(span["start_ns"] for span in spans), reverse=True)
    return [_drawn(spans) for spans in found[:TRACES_MAX]]


def _tail(file: Path) -> list[dict[str, Any]]:
    try:
        with file.open("rb") as source:
            source.seek(0, 2)
            source.seek(max(0, source.tell() - TAIL_BYTES))
            lines = source.read().split(b"\n")
    except FileNotFoundError:
        return []
    # The first line of a tail may be cut; it does not begin like one then.
    return [json.loads(line) for line in lines if line.startswith(b'{"trace_id"')]


def _spans(request: ExportTraceServiceRequest) -> Iterator[dict[str, Any]]:
    for resource in request.resource_spans:
        named = {one.key: one.value.string_value for one in resource.resource.attributes}
        for span in (span for scope in resource.scope_spans for span in scope.spans):
            yield {
                "trace_id": span.trace_id.hex(),
                "id": span.span_id.hex(),
                "parent": span.parent_span_id.hex(),
                "part": named["service.name"],
                "name": span.name,
                "start_ns": span.start_time_unix_nano,
                "end_ns": span.end_time_unix_nano,
                "is_failed": span.status.code == Status.STATUS_CODE_ERROR,
            }


def _drawn(spans: list[dict[str, Any]]) -> dict[str, Any]:
    parents = {span["id"]: span["parent"] for span in spans}
    start, end = min(span["start_ns"] for span in spans), max(span["end_ns"] for span in spans)

    def depth(span_id: str) -> int:
        parent = parents.get(span_id, "")
        return 1 + depth(parent) if parent in parents else 0

    rows = [
        {
            "part": span["part"],
            "name": span["name"],
            "depth": depth(span["id"]),
            "offset": (span["start_ns"] - start) / max(1, end - start),
            "share": (span["end_ns"] - span["start_ns"]) / max(1, end - start),
            "ms": round((span["end_ns"] - span["start_ns"]) / 1e6, 1),
            "is_failed": span["is_failed"],
        }
        for span in sorted(spans, key=lambda span: (span["start_ns"], -span["end_ns"]))
    ]
    return {"id": spans[0]["trace_id"], "at": start / 1e9, "name": rows[0]["name"], "ms": rows[0]["ms"], "spans": rows}
