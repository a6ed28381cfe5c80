"""End a run in the order in which nothing is lost: callers first, stores last."""

import time

from emulators import parts as descriptions
from emulators.launching import Launcher
from emulators.part import Part
from emulators.watching import save_documents

CALLERS_SECONDS = 2.0
# A relay may be in the middle of its minute; it loses nothing by being ended (its claims fall back).
FUNCTIONS_SECONDS = 2.0
STORES_SECONDS = 8.0


def stop_all(launcher: Launcher, parts: dict[str, Part], *, was_ready: bool) -> None:
    """Stop every part of `parts`; what does not end in time is killed. What was never ready has nothing to save."""
    callers = ("gateway", "scheduler")
    stores = descriptions.STORES
    _stop([part for name, part in parts.items() if name in callers], CALLERS_SECONDS)
    _stop([part for name, part in parts.items() if name not in callers and name not in stores], FUNCTIONS_SECONDS)
    if was_ready:
        save_documents(launcher, parts)
    _stop([part for name, part in parts.items() if name in stores], STORES_SECONDS)


def _stop(group: list[Part], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for part in group:
        part.signal_stop()
    for part in group:
        part.wait_stopped(max(0.0, deadline - time.monotonic()))
