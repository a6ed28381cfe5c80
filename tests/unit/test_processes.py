"""What the tests ask of processes holds while these end."""

import subprocess
import sys

import psutil
import pytest

from tests import processes


@pytest.fixture
def waiting():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_process_lives_until_it_ends_reaped_or_not(waiting):
    seen = psutil.Process(waiting.pid)
    assert processes.lives(seen)
    processes.kill_at_once([seen])
    while seen.status() != psutil.STATUS_ZOMBIE:
        pass
    assert not processes.lives(seen)
    waiting.wait()
    assert not processes.lives(seen)


def test_a_process_that_ends_between_two_looks_does_not_live(waiting, monkeypatch):
    seen = psutil.Process(waiting.pid)
    waiting.kill()
    waiting.wait()
    monkeypatch.setattr(seen, "is_running", lambda: True)
    assert not processes.lives(seen)


def test_a_signal_to_one_that_has_ended_reaches_the_others(waiting):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        gone = psutil.Process(ended.pid)
    processes.kill_at_once([gone, psutil.Process(waiting.pid)])
    assert waiting.wait(10) != 0
