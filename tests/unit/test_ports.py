"""Two processes that look for a port at the same moment never find the same."""

import subprocess
import sys
from types import SimpleNamespace

import psutil
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


def test_who_held_a_port_and_has_just_ended_is_named_by_a_plain_phrase(monkeypatch):
    """Between the look at the connections and the look at the process lies a moment."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    listening = SimpleNamespace(status=psutil.CONN_LISTEN, laddr=SimpleNamespace(port=8080), pid=ended.pid)
    monkeypatch.setattr(psutil, "net_connections", lambda kind: [listening])
    assert ports.holder(8080) == "another user's process"
