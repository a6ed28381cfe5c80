"""doctor — look at this machine and say what to type where something is missing (`make doctor`)."""

import shutil
import sys

from rich.console import Console

from emulators import prerequisites
from emulators.ports import holder, is_free
from emulators.state import ROOT, from_environment

BYTES_FREE_MIN = 2 * 1024**3  # environments 1.2 GB, packages of the web app 0.4 GB, data of a long run
PORT = 8080


def main() -> int:
    """Print every prerequisite; returns 1 where one is missing."""
    console = Console(highlight=False)
    found = prerequisites.checks()
    for check in found:
        mark = "[green]✓[/]" if check.is_met else "[red]✗[/]"
        console.print(f"{mark} {check.name:<20} {check.found or check.remedy}")
    _show_advice(console)
    lacking = [check for check in found if not check.is_met]
    console.print("Everything is there: make run" if not lacking else f"{len(lacking)} missing")
    return 1 if lacking else 0


def _show_advice(console: Console) -> None:
    """What does not stop a run, and is worth knowing before one."""
    free = shutil.disk_usage(ROOT).free
    if free < BYTES_FREE_MIN:
        console.print(
            f"[yellow]![/] only {free / 1024**3:.1f} GB are free here; a run wants {BYTES_FREE_MIN / 1024**3:.0f}"
        )
    if running := from_environment().read():
        console.print(f"[yellow]![/] a run of this checkout is at {running['gateway']['url']}")
    elif not is_free(PORT, "0.0.0.0"):  # noqa: S104 - a question, nothing listens
        console.print(f"[yellow]![/] port {PORT} is taken by {holder(PORT)}: a run takes the next free one")


if __name__ == "__main__":
    sys.exit(main())
