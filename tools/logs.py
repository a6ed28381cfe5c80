"""logs — follow the logs of the running parts whose name begins with a word: `make logs s=transfers`."""

import subprocess
import sys

from emulators.state import from_environment

LINES = "40"


def main(arguments: list[str]) -> int:
    """Follow the logs of every part whose name begins with the first argument; name them all without one."""
    state = from_environment()
    if state.read():
        state.processes()
    logs = sorted(state.logs.glob("*.log"))
    if not arguments:
        print("Say which: make logs s=<name>. There are: " + ", ".join(log.stem for log in logs))
        return 1
    wanted = [str(log) for log in logs if log.stem.startswith(arguments[0])]
    if not wanted:
        print(f"No part is called {arguments[0]}. There are: " + ", ".join(log.stem for log in logs))
        return 1
    return subprocess.call(["tail", "-n", LINES, "-F", *wanted])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
