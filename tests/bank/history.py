"""history — what the clients asked and were told, line by line in the order in which it happened.

Each operation is two lines of JSON: its `invoke`, and one of `ok` (it was told to have happened),
`fail` (it was told not to have happened) or `unknown` (nobody told). All clients live on one event
loop, so the order of the lines is real time: an operation whose `invoke` stands behind another's
end began after it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Operation:
    """One operation, whole: `began` and `ended` are line numbers; `ended` is None where no end was written."""

    number: int
    what: str
    asked: dict[str, Any]
    began: int
    ended: int | None
    outcome: str
    told: dict[str, Any]


class History:
    """Written by the clients as they go, and kept in memory for the checker."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[dict[str, Any]] = []
        self._file = path.open("w", encoding="utf-8")
        self._number = 0

    def invoke(self, what: str, **asked: Any) -> int:
        """Note that an operation begins, and return its number."""
        self._number += 1
        self._write({"op": self._number, "type": "invoke", "what": what, **asked})
        return self._number

    def end(self, number: int, outcome: str, **told: Any) -> None:
        """Note how the operation `number` ended: `ok`, `fail` or `unknown`."""
        self._write({"op": number, "type": outcome, **told})

    def close(self) -> None:
        """Write what is left."""
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        self.lines.append(line)
        self._file.write(json.dumps(line) + "\n")


def operations(lines: Iterable[dict[str, Any]]) -> list[Operation]:
    """The operations of a history, in the order in which they began."""
    begun: dict[int, tuple[int, dict[str, Any]]] = {}
    ended: dict[int, tuple[int, dict[str, Any]]] = {}
    for place, line in enumerate(lines):
        (begun if line["type"] == "invoke" else ended)[line["op"]] = (place, line)
    found = []
    for number, (began, line) in begun.items():
        end, told = ended.get(number, (None, {"type": "unfinished"}))
        asked = {key: value for key, value in line.items() if key not in ("op", "type", "what")}
        answer = {key: value for key, value in told.items() if key not in ("op", "type")}
        found.append(Operation(number, line["what"], asked, began, end, told["type"], answer))
    return found
