"""New revisions in a run: a process with today's secrets starts beside the old one and takes over.

As in the cloud: the gateway sends to the new one as soon as that answers, and the old one ends
what it has begun. What is pushed to or called at a fixed address is started again in its place;
its callers try again. Asked for by a file in the run's directory (see tools/local_rotation.py).
"""

import json
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from emulators import box, secrets
from emulators.environment import deployments
from emulators.launching import Launcher
from emulators.part import Part, PartFailed
from emulators.ports import free_port
from emulators.state import State

# The gateway looks for new addresses several times a second (gateway/app.py): then nothing new comes.
TAKEOVER_SECONDS = 1.0
# As long as the gateway waits for an answer, and longer than a process needs to end by itself.
ENDING_SECONDS = 20.0


class Revisions:
    """What is coming and what is going; `tick` is called by the thread that starts every part."""

    def __init__(self, launcher: Launcher, state: State, parts: dict[str, Part], record: Callable[[], None]) -> None:
        self.launcher = launcher
        self.state = state
        self.parts = parts
        self.record = record
        self.waiting = ThreadPoolExecutor(max_workers=4, thread_name_prefix="revision")
        self.coming: list[tuple[Part, Future[Part]]] = []
        self.going: list[tuple[Part, float]] = []

    def tick(self) -> None:
        """Begin what is asked for, take over what answers, end what has been taken over from."""
        if self.coming:
            if all(answer.done() for _, answer in self.coming):
                self._take_over()
        elif self.going:
            self._end()
        elif self.state.request.exists():
            self._begin()

    def _begin(self) -> None:
        names = json.loads(self.state.request.read_text())
        self.state.request.unlink()
        self.launcher.stack.secrets.update(secrets.load(self.state.secrets))
        addressed = {name for name in names if deployments()[name]["trigger"] in ("gateway", "public")}
        for name in sorted(addressed):
            part = self.launcher.launch(name, port=free_port())
            self.coming.append((part, self.waiting.submit(part.wait_ready)))
        for name in set(names) - addressed:
            self.parts[name].signal_stop()  # the watch starts it again
        if not addressed:
            self._tell("")

    def _take_over(self) -> None:
        failed = [answer.exception() for _, answer in self.coming if answer.exception()]
        if failed:
            for part, _ in self.coming:
                part.stop()
            self.coming.clear()
            self._tell(str(failed[0]) if isinstance(failed[0], PartFailed) else repr(failed[0]))
            return
        for part, _ in self.coming:
            self.going.append((self.parts[part.name], time.monotonic() + TAKEOVER_SECONDS))
            self.parts[part.name], self.launcher.ports[part.name] = part, part.port
        box.console.print(f"New revisions have taken over: {', '.join(part.name for part, _ in self.coming)}")
        self.coming.clear()
        self.record()

    def _end(self) -> None:
        now = time.monotonic()
        for part, at in self.going:
            if now > at:
                part.signal_stop()
            if not part.alive or now > at + ENDING_SECONDS:
                part.wait_stopped(0)
        self.going = [(part, at) for part, at in self.going if part.alive]
        if not self.going:
            self._tell("")

    def _tell(self, problem: str) -> None:
        new = self.state.outcome.with_suffix(".new")
        new.write_text(problem)
        new.replace(self.state.outcome)
