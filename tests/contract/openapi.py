"""openapi.yaml as the tests read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
METHODS = ("get", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    """The contract."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    return loaded


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    """What `node` says, where it only points elsewhere."""
    while "$ref" in node:
        found: Any = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    backend: str
    is_public: bool
    stated: dict[str, Any]

    @property
    def id(self) -> str:
        """The operationId."""
        return str(self.stated["operationId"])

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of the request's body."""
        content = self.stated.get("requestBody", {}).get("content", {})
        return content["application/json"]["schema"] if content else None

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """The parameters, resolved."""
        return [resolve(parameter) for parameter in self.stated.get("parameters", [])]

    @property
    def responses(self) -> dict[int, dict[str, Any]]:
        """The answers by status, resolved."""
        return {int(status): resolve(answer) for status, answer in self.stated["responses"].items()}

    @property
    def success(self) -> dict[str, Any] | None:
        """The schema of the successful JSON answer."""
        [status] = [status for status in self.responses if 200 <= status < 300]
        content = self.responses[status].get("content", {})
        return content["application/json"]["schema"] if "application/json" in content else None

    def problems(self, status: int) -> set[str]:
        """The slugs of the problems that may come with `status`."""
        schema = self.responses[status]["content"]["application/problem+json"]["schema"]
        return {slug(resolve(one)) for one in schema.get("oneOf", [schema])}


def slug(problem: dict[str, Any]) -> str:
    """The slug that a problem's schema fixes."""
    [of_its_own] = [part for part in problem["allOf"] if "properties" in part]
    [type_] = of_its_own["properties"]["type"]["enum"]
    return str(type_).removeprefix("/problems/")


@cache
def operations() -> list[Operation]:
    """Every operation, in the document's order."""
    found = []
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                stated = item[method]
                is_public = stated.get("security") == []
                found.append(Operation(method.upper(), path, stated["x-google-backend"], is_public, stated))
    return found


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside `node`, without following references."""
    if isinstance(node, dict):
        if "type" in node and isinstance(node["type"], str):
            yield node
        for inner in node.values():
            yield from schemas(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from schemas(inner)


def properties(schema: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The names and the required names of an object's schema; of `oneOf`, what any and what all of them have."""
    schema = resolve(schema)
    if "oneOf" in schema:
        parts = [properties(part) for part in schema["oneOf"]]
        return set().union(*(names for names, _ in parts)), set.intersection(*(required for _, required in parts))
    if "allOf" in schema:
        parts = [properties(part) for part in schema["allOf"]]
        return set().union(*(names for names, _ in parts)), set().union(*(required for _, required in parts))
    return set(schema.get("properties", {})), set(schema.get("required", []))
