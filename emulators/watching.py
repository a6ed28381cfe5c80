"""Watch the parts of a run: name a part that dies, start it again, save what only memory holds.

DEATHS_MAX (3) is how often one part may die within a minute before the run ends, EXPORT_SECONDS (30)
how often Firestore's documents are saved: tests that kill parts all the time set both.
"""

import os
import threading
import time
import urllib.error
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from google.api_core.exceptions import GoogleAPIError
from pg8000.exceptions import DatabaseError, InterfaceError

from emulators import box, firestore, parts, provision, replay
from emulators.environment import PROJECT
from emulators.launching import Launcher
from emulators.part import Part, PartFailed, kill_group
from emulators.revisions import Revisions
from emulators.state import State

POLL_SECONDS = 0.25
DEATHS_MAX = 3  # of one part within DEATHS_SECONDS: a part that dies at once again is broken, not unlucky
DEATHS_SECONDS = 60.0
PROVIDE_SECONDS = 1.0  # between two tries to give Pub/Sub its topics
SAVING = threading.Lock()  # one export at a time: they share a folder
EXPORT_SECONDS = 30  # what a crash of the Firestore emulator may cost


class Watch:
    """Looks after `parts` until the run ends."""

    def __init__(self, launcher: Launcher, state: State, parts: dict[str, Part], record: Callable[[], None]) -> None:
        self.launcher = launcher
        self.state = state
        self.parts = parts
        self.record = record
        self.deaths: dict[str, list[float]] = defaultdict(list)
        self.deaths_max = int(os.environ.get("DEATHS_MAX", DEATHS_MAX))
        self.export_seconds = int(os.environ.get("EXPORT_SECONDS", EXPORT_SECONDS))
        self.revisions = Revisions(launcher, state, parts, record)
        self.background = ThreadPoolExecutor(max_workers=4, thread_name_prefix="watch")

    def until(self, stopping: threading.Event) -> int:
        """Watch until `stopping`; returns the exit code: 0, or 1 when a part died too often."""
        exported_at = time.monotonic()
        for part in self.parts.values():
            self._lower(part)
        while not stopping.wait(POLL_SECONDS):
            for part in [part for part in self.parts.values() if not part.alive]:
                if not self._revive(part):
                    return 1
            self.revisions.tick()
            if time.monotonic() - exported_at > self.export_seconds:
                exported_at = time.monotonic()
                self.background.submit(save_documents, self.launcher, self.parts)
        return 0

    def _revive(self, part: Part) -> bool:
        now = time.monotonic()
        self.deaths[part.name] = [at for at in self.deaths[part.name] if now - at < DEATHS_SECONDS] + [now]
        may_live = len(self.deaths[part.name]) < self.deaths_max
        box.show_death(part, restarting=may_live)
        kill_group(part.process.pid)
        if may_live:
            # From this thread, which lives as long as the run: the kernel ends a part with its starter.
            self.parts[part.name] = self.launcher.launch(part.name)
            self.record()
            self.background.submit(self._afterwards, self.parts[part.name])
        return may_live

    def _lower(self, part: Part) -> None:
        """Not before it answers: whoever starts the system waits for all of it."""
        if part.name in parts.background():
            part.give_way(parts.BACKGROUND_NICE)

    def _afterwards(self, part: Part) -> None:
        try:
            part.wait_ready()
            if part.name == "pubsub":
                self._provide(part)
            self._lower(part)
        except PartFailed:
            return  # it died again, which the watch has seen as well
        box.console.print(f"{part.name} answers again")

    def _provide(self, part: Part) -> None:
        """Give Pub/Sub its topics again, and what it had not delivered; what that needs may have died as well."""
        while part.alive:
            try:
                provision.provision(self.launcher.push_urls())
                replay.replay()
            except (GoogleAPIError, DatabaseError, InterfaceError, OSError) as error:
                box.console.print(f"{part.name} lacks its topics: {error}", markup=False)
                time.sleep(PROVIDE_SECONDS)
            else:
                return
        raise PartFailed(f"{part.name} ended before it had its topics")


def save_documents(launcher: Launcher, parts: dict[str, Part]) -> None:
    """Export Firestore's documents, which its emulator holds in memory alone."""
    part = parts.get("firestore")
    if part is None or not part.alive:
        return
    try:
        with SAVING:
            firestore.export(part, launcher.state.directory / "firestore", PROJECT)
    except (urllib.error.URLError, OSError) as error:
        box.console.print(f"firestore was not saved: {error}")
