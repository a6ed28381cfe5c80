"""The processes of a part as tests see and end them; any of them may end by itself between two looks."""

import os
import signal
from contextlib import suppress

import psutil


def family(leader: int) -> list[psutil.Process]:
    """The process `leader` and all that it has started, the leader first."""
    first = psutil.Process(leader)
    return [first, *first.children(recursive=True)]


def lives(process: psutil.Process) -> bool:
    """Whether it still does anything: a zombie does not."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def send(processes: list[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each that is still there."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


def kill_at_once(processes: list[psutil.Process]) -> None:
    """SIGKILL them in one moment, as a power cut would: nobody writes a last word while the others die."""
    send(processes, signal.SIGSTOP)
    send(processes, signal.SIGKILL)
