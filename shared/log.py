"""log — structured lines in Cloud Logging's form, with an allow-list of fields.

A field that is not on the list cannot be logged: a PIN, a token, a name or a note has no way in.
"""

import json
import os
import sys
import traceback
from typing import Any, Final, Literal

Severity = Literal["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL"]

FIELDS: Final = frozenset(
    {
        "action",
        "amount",
        "attempts",
        "count",
        "delay_seconds",
        "deployment",
        "duration_ms",
        "error_type",
        "event_id",
        "event_type",
        "finding",
        "key_id",
        "kind",
        "method",
        "outcome",
        "problem",
        "promise",
        "reason",
        "request_id",
        "route",
        "sqlstate",
        "stack",
        "status",
        "topup_id",
        "transfer_id",
        "user_id",
    }
)


def write(severity: Severity, message: str, *, trace: str | None = None, **fields: object) -> None:
    """Write one line to stdout.

    `message` is a constant sentence; what varies goes into `fields`, whose names must be in
    FIELDS (a ValueError says which is not). `trace` is a Cloud Trace id, which lets Cloud
    Logging show the line beside its request (field `logging.googleapis.com/trace`).
    """
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(f"not on the allow-list of log fields: {sorted(unknown)}")
    line: dict[str, object] = {"severity": severity, "message": message}
    line.update((name, value) for name, value in fields.items() if value is not None)
    if trace is not None:
        project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
        line["logging.googleapis.com/trace"] = f"projects/{project}/traces/{trace}"
    sys.stdout.write(json.dumps(line, default=str) + "\n")
    sys.stdout.flush()


def exception(message: str, error: BaseException, **fields: Any) -> None:
    """Write an ERROR line with the type and the code lines of `error`, never its text or values."""
    frames = traceback.extract_tb(error.__traceback__)
    stack = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    write("ERROR", message, error_type=type(error).__name__, stack=stack, **fields)
