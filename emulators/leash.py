"""Tie a program to the life of its parent, give up root if told to, then become that program.

Usage: python leash.py <signal> <uid or -> <gid or -> <nice> <program> [argument…]

The kernel sends <signal> to the program when its parent dies, so that a runner killed
with SIGKILL leaves nothing behind. It runs as a file of its own, between fork and exec,
because Python code after a fork is unsafe in a parent with threads.
"""

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1  # linux/prctl.h
# Each part leads a session, and Linux shares the cores out among sessions first (man 7 sched, autogroup).
SESSION_NICE = Path("/proc/self/autogroup")


def main(arguments: list[str]) -> None:
    """Become the program named by `arguments` (see the module's docstring)."""
    death_signal, uid, gid, nice, *program = arguments
    parent = os.getppid()
    give_way(int(nice))
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    # After the change of user, because the kernel clears the wish when credentials change.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != parent:  # the parent died before the wish was made
        sys.exit(1)
    os.execvp(program[0], program)  # noqa: S606 - to become the program is its purpose


def give_way(nice: int) -> None:
    """Let everything else go first by so many steps of niceness."""
    os.nice(nice)
    with suppress(OSError):  # a kernel without autogroups goes by the process's own
        SESSION_NICE.write_text(str(nice), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
