"""Every resource type and argument exists in provider 8.x, read without Terraform: for machines that lack it."""

import json
from collections.abc import Iterator
from typing import Any

import hcl2
import pytest

from tests.terraform.conftest import ROOT
from tests.terraform.paper import spellings

SCHEMA: dict[str, dict[str, Any]] = json.loads((ROOT / "tests" / "terraform" / "provider.json").read_text())[
    "resources"
]
FILES = sorted((ROOT / "terraform").glob("*.tf"))
# Terraform's own arguments, which every resource has.
OF_TERRAFORM = {"for_each", "count", "depends_on", "lifecycle", "provider", "provisioner"}


def resources(text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield type, name and body of every resource of a file."""
    for block in hcl2.loads(text).get("resource", []):
        for kind, named in block.items():
            for name, body in named.items():
                yield kind.strip('"'), name.strip('"'), body


def known_as(name: str, schema: dict[str, Any]) -> Any:
    """Return the type of an argument under its own name, or under the plural that the wheel writes it in."""
    plural = next((known for known in schema["arguments"] if name in spellings(known)), None)
    return schema["arguments"].get(name, schema["arguments"].get(plural))


def faults(body: dict[str, Any], schema: dict[str, Any], where: str) -> Iterator[str]:
    """Yield what a body has that the provider does not know, or lacks what it demands."""
    given = {key: value for key, value in body.items() if not key.startswith("__") and key not in OF_TERRAFORM}
    blocks: list[tuple[str, dict[str, Any]]] = []
    for dynamic in given.pop("dynamic", []):
        blocks += [(name.strip('"'), one["content"][0]) for name, one in dynamic.items() if not name.startswith("__")]
    for name, value in given.items():
        if isinstance(value, list) and value and isinstance(value[0], dict) and "__is_block__" in value[0]:
            blocks += [(name, one) for one in value]
        elif known_as(name, schema) is None:
            yield f"{where} has no argument {name}"
    for name, content in blocks:
        kind = known_as(name, schema)
        if isinstance(kind, dict):
            yield from faults(content, kind, f"{where}.{name}")
        else:
            yield f"{where} has no block {name}"
    present = {*given, *(name for name, _ in blocks)}
    for name in schema["required"]:
        if not present & {name, *spellings(name)}:
            yield f"{where} lacks {name}"


def file_faults(text: str) -> list[str]:
    """Return every fault of a file's resources."""
    found = []
    for kind, name, body in resources(text):
        if kind.startswith("google_"):
            found += (
                list(faults(body, SCHEMA[kind], f"{kind}.{name}")) if kind in SCHEMA else [f"no {kind} in the extract"]
            )
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_argument_of_a_file_exists(path: Any) -> None:
    """Types, arguments and blocks are the provider's, and what it demands is there."""
    assert file_faults(path.read_text()) == []


def test_the_extract_holds_what_is_used_and_nothing_else() -> None:
    """The committed extract is as large as the deployment needs; tools/provider_schema.py makes it."""
    used = {kind for path in FILES for kind, _, _ in resources(path.read_text()) if kind.startswith("google_")}
    assert SCHEMA.keys() == used


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('resource "google_pubsub_tropic" "x" {}', "no google_pubsub_tropic in the extract"),
        ('resource "google_pubsub_subscription" "x" {}', "google_pubsub_subscription.x lacks topic"),
        ('resource "google_pubsub_topic" "x" {\n  nmae = "x"\n}', "google_pubsub_topic.x has no argument nmae"),
        ('resource "google_pubsub_topic" "x" {\n  schema {\n  }\n}', "google_pubsub_topic.x has no block schema"),
        (
            (
                'resource "google_pubsub_topic" "x" {\n  dynamic "schema_settings" {\n    for_each = []\n'
                "    content {\n      encoding = 1\n    }\n  }\n}"
            ),
            "google_pubsub_topic.x.schema_settings lacks schema",
        ),
    ],
)
def test_a_slip_is_found(text: str, said: str) -> None:
    """The look itself works: each kind of slip is named."""
    assert file_faults(text + "\n") == [said]
