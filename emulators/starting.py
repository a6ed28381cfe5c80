"""Start every part as early as it can be started, in parallel, and say when all have answered."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

from emulators import environment, parts, postgres, provision, replay, web_build
from emulators.launching import Launcher
from emulators.part import Part
from shared.migrate import EditedMigration

POLL_SECONDS = 0.2

Progress = Callable[[str, str], None]  # a step's name, and "working", "done" or "failed"


class Interrupted(Exception):
    """The run was told to end while it was starting."""


class StepFailed(RuntimeError):
    """A step of the start did not succeed; the message names it."""


class Start:
    """One start: steps that wait for one another, each in a thread that lives as long as the runner.

    The threads must live so long because the kernel ends a part when the thread that started
    it ends (see leash.py).
    """

    def __init__(
        self, launcher: Launcher, progress: Progress, started: dict[str, Part], record: Callable[[], None]
    ) -> None:
        self.launcher = launcher
        self.progress = progress
        self.started = started
        self.record = record
        self.recording = threading.Lock()
        self.is_cancelled = False
        self.threads = ThreadPoolExecutor(max_workers=32, thread_name_prefix="start")
        self.steps: dict[str, Future[object]] = {}

    def run(self, is_stopping: Callable[[], bool]) -> None:
        """Start everything; returns when every part has answered a real request.

        Raises StepFailed, or Interrupted.
        """
        self._plan()
        left = set(self.steps.values())
        while left:
            done, left = wait(left, timeout=POLL_SECONDS, return_when=FIRST_EXCEPTION)
            for step in done:
                step.result()
            if is_stopping():
                raise Interrupted

    def cancel(self) -> None:
        """Begin no further step, and be silent about those that fail from now on."""
        with self.recording:
            self.is_cancelled = True
        self.threads.shutdown(wait=False, cancel_futures=True)

    def wait_ended(self) -> None:
        """Return when no step works any more, and what came late is stopped; `cancel` goes before."""
        self.threads.shutdown()

    def _plan(self) -> None:
        self._step("web", web_build.build)
        for store in parts.STORES:
            self._part(store)
        self._step("schema", self._migrate, "postgres")
        self._step("topics and tables", self._provision, "pubsub", "bigquery")
        for function in parts.functions():
            self._part(function.name)
        names = [function.name for function in parts.functions()]
        self._step("replay", replay.replay, "schema", "topics and tables")
        self._part("warehouse", "topics and tables")
        self._part("scheduler", "replay", *names)
        self._part("gateway", "web", "schema", "identity-api")

    def _part(self, name: str, *after: str) -> None:
        def start() -> None:
            part = self.launcher.launch(name)
            with self.recording:
                comes_late = self.is_cancelled  # for those who stop the others
                if not comes_late:
                    self.started[name] = part
                    self.record()
            if comes_late:
                part.stop()
                raise Interrupted
            part.wait_ready()

        self._step(name, start, *after)

    def _step(self, name: str, work: Callable[[], object], *after: str) -> None:
        before = [self.steps[earlier] for earlier in after]

        def run() -> None:
            for earlier in before:
                earlier.result()
            self._say(name, "working")
            if self.is_cancelled:
                raise Interrupted
            try:
                work()
            except Exception as error:
                self._say(name, "failed")
                raise StepFailed(f"{name}: {error}") from error
            self._say(name, "done")

        self.steps[name] = self.threads.submit(run)

    def _say(self, name: str, condition: str) -> None:
        if not self.is_cancelled:
            self.progress(name, condition)

    def _migrate(self) -> None:
        server = self.launcher.server
        assert server is not None  # this step follows the one that sets it
        password = self.launcher.stack.secrets["DATABASE_PASSWORD"]
        os.environ.update(self.launcher.database_environment())
        try:
            postgres.migrate(server, environment.DATABASE, environment.logins(), password)
        except EditedMigration as error:
            raise StepFailed(f"{error}\nOr forget this machine's data. Type: make reset") from error

    def _provision(self) -> None:
        provision.provision(self.launcher.push_urls())
