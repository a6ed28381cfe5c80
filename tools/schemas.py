"""schemas — derive the Pub/Sub and BigQuery schemas of the events from shared/events.py.

python -m tools.schemas            write terraform/schemas/* anew
python -m tools.schemas --check    fail where a file is stale, or a published version was changed

Each version of an event type is kept for ever in terraform/schemas/versions/: what was once
published stays readable, so a version that stands there is never written again.
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

from shared.events import TYPES, Event, TransferPosted, optional_fields

FOLDER = Path(__file__).resolve().parents[1] / "terraform" / "schemas"

# What "write metadata" adds to the rows of a BigQuery subscription (attributes hold the ordering key too).
METADATA = [
    {"name": "subscription_name", "type": "STRING", "mode": "NULLABLE"},
    {"name": "message_id", "type": "STRING", "mode": "NULLABLE"},
    {"name": "publish_time", "type": "TIMESTAMP", "mode": "NULLABLE"},
    {"name": "attributes", "type": "JSON", "mode": "NULLABLE"},
]

EVENTS_VIEW = """-- events — one row per event, however often it was delivered. Made by tools/schemas.py.
--
-- occurred_at stands in the PARTITION BY although event_id alone would do: only a column
-- named there lets BigQuery push the caller's day range below the window and so read
-- nothing but the partitions asked for. Copies of one event have one occurred_at.
SELECT
{columns}
FROM `${{project}}.${{dataset}}.events_raw`
QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id, occurred_at ORDER BY publish_time) = 1
"""


def avro(kind: type[Event]) -> dict[str, Any]:
    """Return the Avro record of an event type; texts carry what Avro has no JSON-readable type for."""
    optional = optional_fields(kind)
    return {
        "type": "record",
        "name": kind.__name__,
        "namespace": "lite.wallet",
        "doc": f"{TYPES_BY_CLASS[kind]}, version {kind.version}",
        "fields": [_avro_field(name, hint, name in optional) for name, hint in _fields(kind)],
    }


def columns(kind: type[Event]) -> list[dict[str, str]]:
    """Return the BigQuery columns of an event type and of the metadata that Pub/Sub adds."""
    optional = optional_fields(kind)
    own = [
        {"name": name, "type": _bigquery_type(hint), "mode": "NULLABLE" if name in optional else "REQUIRED"}
        for name, hint in _fields(kind)
    ]
    return own + METADATA


def events_view() -> str:
    """Return the SQL of the deduplicating view."""
    names = [name for name, _ in _fields(TransferPosted)]
    return EVENTS_VIEW.format(columns=",\n".join(f"  {name}" for name in [*names, "publish_time"]))


def files() -> dict[str, str]:
    """Return what each generated file, by its path below terraform/schemas, must hold."""
    made = {"events_raw.json": _text(columns(TransferPosted)), "events.sql": events_view()}
    for event_type, kind in TYPES.items():
        made[f"{event_type}.avsc"] = _text(avro(kind))
        made[f"versions/{event_type}.{kind.version}.avsc"] = _text(avro(kind))
    return made


def incompatibilities(older: dict[str, Any], newer: dict[str, Any]) -> list[str]:
    """Return why a reader of `older` could not read `newer`: only optional fields may be added, at the end."""
    before, after = older["fields"], newer["fields"]
    found = [f"{old['name']} was changed, moved or removed" for old, new in _paired(before, after) if old != new]
    added = after[len(before) :]
    found += [f"{field['name']} is new and not optional" for field in added if field.get("default", 0) is not None]
    return found


def main(arguments: list[str]) -> int:
    """Write the files, or with --check name those that are stale."""
    if "--check" in arguments:
        stale = [name for name, text in files().items() if _held(name) != text]
        sys.stderr.writelines(f"stale: terraform/schemas/{name}\n" for name in stale)
        return 1 if stale else 0
    for name, text in files().items():
        if name.startswith("versions/") and _held(name) not in (None, text):
            sys.stderr.write(f"{name} was published: raise the type's version instead of changing it\n")
            return 1
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


TYPES_BY_CLASS = {kind: event_type for event_type, kind in TYPES.items()}


def _fields(kind: type[Event]) -> Iterator[tuple[str, Any]]:
    hints = get_type_hints(kind)
    return ((name, hints[name]) for name in kind.__struct_fields__)


def _avro_field(name: str, hint: Any, optional: bool) -> dict[str, Any]:
    if optional:
        return {"name": name, "type": ["null", "string"], "default": None}
    return {"name": name, "type": _avro_type(hint)}


def _avro_type(hint: Any) -> Any:
    if hint is int:
        return "long"
    if get_origin(hint) is dict:
        return {"type": "map", "values": "string"}
    return "string"


def _bigquery_type(hint: Any) -> str:
    plain = next((part for part in get_args(hint) if part is not NoneType), hint)
    if get_origin(hint) is Literal or plain is UUID:
        return "STRING"
    return {int: "INTEGER", str: "STRING", datetime: "TIMESTAMP"}[plain]


def _paired(before: list[Any], after: list[Any]) -> Iterator[tuple[Any, Any]]:
    return ((old, after[place] if place < len(after) else None) for place, old in enumerate(before))


def _held(name: str) -> str | None:
    path = FOLDER / name
    return path.read_text(encoding="utf-8") if path.exists() else None


def _text(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
