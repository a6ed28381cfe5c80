"""The newest traces of the run, read from the file to which every part appends its spans."""

import json
from pathlib import Path
from typing import Any

# The end of the file is enough for the newest: a span takes about 300 bytes.
TAIL_BYTES = 512 * 1024
TRACES_MAX = 25


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
    # The first line of a tail may be cut; it is not JSON then.
    return [span for line in lines if line.startswith(b'{"resourceSpans"') for span in _spans(json.loads(line))]


def _spans(document: dict[str, Any]) -> list[dict[str, Any]]:
    [resource] = document["resourceSpans"]
    attributes = {one["key"]: one["value"]["stringValue"] for one in resource["resource"]["attributes"]}
    return [
        {
            "trace_id": span["traceId"],
            "id": span["spanId"],
            "parent": span["parentSpanId"],
            "part": attributes["service.name"],
            "name": span["name"],
            "start_ns": int(span["startTimeUnixNano"]),
            "end_ns": int(span["endTimeUnixNano"]),
            "is_failed": bool(span["status"]),
        }
        for span in resource["scopeSpans"][0]["spans"]
    ]


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
