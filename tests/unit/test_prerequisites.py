"""What a machine lacks is said before anything starts, with what to type."""

import json

import pytest

from emulators import prerequisites
from tests.running import ROOT


@pytest.fixture
def node(tmp_path, monkeypatch):
    """Put a `node` first in the path that says it is of a version, and return what is made of it."""

    def of(version: str) -> prerequisites.Check:
        program = tmp_path / "node"
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        return next(check for check in prerequisites.checks() if check.name == "Node")

    return of


@pytest.mark.parametrize("version", ["v18.20.4", "v20.9.0", "v20.18.3"])
def test_a_node_that_is_too_old_for_the_web_app_is_refused_with_what_to_type(node, version):
    """By number, not by text: 20.9 is older than 20.19."""
    check = node(version)
    assert not check.is_met
    assert version[1:] in check.remedy
    assert "Type: " in check.remedy


@pytest.mark.parametrize("version", ["v20.19.0", "v22.3.0", "v26.0.0-nightly20261101abcdef"])
def test_a_node_that_is_new_enough_is_taken(node, version):
    assert node(version) == prerequisites.Check("Node", version[1:])


def test_it_asks_for_what_the_web_app_asks_for():
    """The first version that is taken is the one of web/package.json."""
    engines = json.loads((ROOT / "web" / "package.json").read_text())["engines"]
    assert engines == {"node": ">=" + ".".join(map(str, prerequisites.NODE_MIN))}
