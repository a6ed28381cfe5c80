"""Two processes that look for a port at the same moment never find the same."""

import subprocess
import sys

import pytest

from emulators import ports
from tests.running import ROOT

CHOOSE = "from emulators import ports; print(ports.free_port(), flush=True); input()"


def test_a_chosen_port_is_no_other_processes_until_its_chooser_ends(monkeypatch):
    """Chosen is not yet bound: for seconds nothing but the reservation says whose it is."""
    with subprocess.Popen(
        [sys.executable, "-c", CHOOSE], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        port = int(other.stdout.readline())
        monkeypatch.setattr(ports, "CHOICE", range(port, port + 1))
        with pytest.raises(RuntimeError, match="no free port"):
            ports.free_port()
        other.communicate("\n")
    assert ports.free_port() == port


def test_a_process_chooses_no_port_twice(monkeypatch):
    monkeypatch.setattr(ports, "CHOICE", range(ports.free_port(), ports.CHOICE.stop))
    monkeypatch.setattr(ports, "CHOICE", ports.CHOICE[:1])
    with pytest.raises(RuntimeError, match="no free port"):
        ports.free_port()
