"""Which operation a path and a method name, by openapi.yaml alone."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
DEADLINE_SECONDS = 15.0  # Google's default where a backend names none


@dataclass(frozen=True)
class Operation:
    """What the gateway has to know of one operation."""

    operation_id: str
    path: str
    backend: str
    audience: str
    deadline_seconds: float
    needs_token: bool


Template = tuple[str, ...]  # a path's segments, of which some are {parameters}
Methods = dict[str, Operation]


class NoSuchPath(Exception):
    """No path of openapi.yaml matches."""


class NoSuchMethod(Exception):
    """The path is listed without this method; `allowed` are the methods it has."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = allowed


class Routes:
    """The operations of an OpenAPI document, found by method and raw path."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.backends: dict[str, Any] = document["x-google-api-management"]["backends"]
        self.authentication = _authentication(document)
        table = [
            (tuple(path.strip("/").split("/")), self._operations(document, path, item))
            for path, item in document["paths"].items()
        ]
        # A literal segment beats a parameter, as in Google's matching.
        table.sort(key=lambda row: [segment.startswith("{") for segment in row[0]])
        self._by_length: defaultdict[int, list[tuple[Template, Methods]]] = defaultdict(list)
        for template, operations in table:
            self._by_length[len(template)].append((template, operations))

    def find(self, method: str, path: str) -> Operation:
        """The operation of `method` and the raw (percent-encoded) `path`; raises NoSuchPath or NoSuchMethod."""
        segments = tuple(path.removeprefix("/").split("/"))
        listed = self._by_length.get(len(segments), [])
        matching = [operations for template, operations in listed if _matches(template, segments)]
        for operations in matching:
            if method in operations:
                return operations[method]
        if not matching:
            raise NoSuchPath
        raise NoSuchMethod(sorted({name for operations in matching for name in operations}))

    def _operations(self, document: Mapping[str, Any], path: str, item: Mapping[str, Any]) -> dict[str, Operation]:
        return {
            name.upper(): self._operation(document, path, item[name])
            for name in METHODS
            if name in item
        }  # fmt: skip

    def _operation(self, document: Mapping[str, Any], path: str, described: Mapping[str, Any]) -> Operation:
        name = described["x-google-backend"]
        backend = self.backends[name]
        return Operation(
            operation_id=described["operationId"],
            path=path,
            backend=name,
            audience=backend.get("jwtAudience", backend["address"]),
            deadline_seconds=float(backend.get("deadline", DEADLINE_SECONDS)),
            needs_token=bool(described.get("security", document.get("security", []))),
        )


def _matches(template: Template, segments: tuple[str, ...]) -> bool:
    return all(
        part == segment or (part.startswith("{") and segment not in ("", ".", ".."))
        for part, segment in zip(template, segments, strict=True)
    )


def _authentication(document: Mapping[str, Any]) -> Mapping[str, Any]:
    for scheme in document["components"]["securitySchemes"].values():
        if "x-google-auth" in scheme:
            found: Mapping[str, Any] = scheme["x-google-auth"]
            return found
    raise ValueError("openapi.yaml has no security scheme with x-google-auth")
