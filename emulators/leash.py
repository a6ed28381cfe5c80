"""Tie a program to the life of its parent, give up root if told to, then become that program.

Usage: python leash.py <parent> <signal> <uid or -> <gid or -> <program> [argument…]

The kernel sends <signal> to the program when its parent, the process <parent>, dies, so that a runner killed
with SIGKILL leaves nothing behind. It runs as a file of its own, between fork and exec,
because Python code after a fork is unsafe in a parent with threads.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """Become the program named by `arguments` (see the module's docstring)."""
    parent, death_signal, uid, gid, *program = arguments
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    # After the change of user, because the kernel clears the wish when credentials change.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != int(parent):  # the parent died before the wish was made
        sys.exit(1)
    os.execvp(program[0], program)  # noqa: S606 - to become the program is its purpose


if __name__ == "__main__":
    main(sys.argv[1:])
