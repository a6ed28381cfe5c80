"""storm — what is done to the system while people use it, by the seed's dice, and how often it must have been done.

Several lanes blow at once, each with dice of its own: one for every function that has points to die
at, one that ends connections, one that cuts commits, one that crashes the database, and one for all
the rest. A lane goes on until the time is over; what it did is counted by the kit.
"""

import random
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from emulators.environment import deployments
from tests.bank.world import World

# Every point of the code, with the function that is killed at it.
POINTS = {
    "transfers-api": (
        "transfers.proof_checked", "transfers.before_answer", "ledger.before_posting", "ledger.after_posting",
        "ledger.before_flush", "ledger.after_flush", "db.before_statement", "db.after_statement", "http.before_answer",
    ),
    "payments-callback": (
        "payments.before_gate", "payments.after_gate", "payments.event_read", "payments.event_applied",
        "topups.before_step", "topups.after_step", "settlement.before_credit", "settlement.after_credit",
        "settlement.recorded",
    ),
    "payments-api": ("payments.before_intent", "payments.after_intent", "payments.before_poll"),
    "identity-api": (
        "identity.try_reserved", "identity.secret_matched", "identity.try_settled", "identity.before_proof",
        "identity.rotated",
    ),
    "relay-drain": ("relay.claimed", "relay.amid_publishing", "relay.published", "relay.acknowledged"),
    "notifications-deliver": ("deliver.before_delivery", "deliver.noticed", "deliver.delivered"),
    "reconciliation-check": ("reconciliation.before_looks", "repair.expired", "reconciliation.looked"),
}  # fmt: skip
SERVICES = {point: service for service, points in POINTS.items() for point in points}

# What half an hour must have seen; shorter runs their share of it.
FULL_MINUTES = 30
DEMANDS = {"kill -9 at a failpoint": 200, "terminated backend": 60, "cut commit": 20, "database crash": 10}
POINTS_MIN, TIMES_EACH = 25, 8
# Half as much again as the demand, so that a slow machine still reaches it.
HASTE = 1.5
ARMED_SECONDS = 20.0
# What the short form must have done is tried for so long: other faults may let nobody come by for a while.
INSIST_SECONDS = 60.0
INSIST_PAUSE_SECONDS = 0.5
REPAIR = "reconciliation-check-repair"
SKEW_SECONDS = 20  # well below the minute that tokens allow for


class Storm:
    """The lanes of one run."""

    def __init__(self, world: World, seed: int, minutes: float) -> None:
        self.world = world
        self.kit = world.kit
        self.seed = seed
        self.minutes = minutes
        self.fired: Counter[str] = Counter()
        self.faults: list[str] = []
        self.ends = 0.0

    def blow(self, lanes: list[Callable[[], None]], seconds: float) -> None:
        """Run every lane until the time is over and each has ended what it began."""
        self.ends = time.monotonic() + seconds
        threads = [threading.Thread(target=self._lane, args=(lane,), daemon=True) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _lane(self, lane: Callable[[], None]) -> None:
        try:
            lane()
        except Exception:  # noqa: BLE001 - what went wrong in a lane is told with the run's other faults
            self.faults.append(traceback.format_exc())

    def dice(self, lane: str) -> random.Random:
        """The dice of one lane."""
        return random.Random(f"{self.seed}/{lane}")

    # The long form

    def lanes(self) -> list[Callable[[], None]]:
        """All lanes of the long form."""
        killers = [partial(self.kill_at_points, service) for service in POINTS]
        return [*killers, self.end_backends, self.cut_commits, self.crash, self.all_the_rest]

    def kill_at_points(self, service: str) -> None:
        """Kill a function at the point where it has died least."""
        dice = self.dice(service)
        interval = FULL_MINUTES * 60 / (len(POINTS[service]) * TIMES_EACH * HASTE)
        self._rest(dice.uniform(0, min(interval, 15)))
        while time.monotonic() < self.ends:
            began = time.monotonic()
            least = min(self.fired[point] for point in POINTS[service])
            self.kill(dice.choice([point for point in POINTS[service] if self.fired[point] == least]))
            self._rest(interval - (time.monotonic() - began))

    def kill(self, point: str) -> None:
        """Kill the point's function when it comes there."""
        service = SERVICES[point]
        # No client orders a repair: the scheduler is asked to.
        provoke = partial(self.world.trigger, REPAIR) if service == "reconciliation-check" else None
        if self.kit.kill_at(point, service, ARMED_SECONDS, provoke):
            self.fired[point] += 1

    def end_backends(self) -> None:
        """End a few of the functions' connections every twelve seconds."""
        dice = self.dice("backends")
        while time.monotonic() < self.ends:
            self.kit.terminate_backends(dice.randint(1, 3))
            self._rest(12)

    def cut_commits(self) -> None:
        """Cut a payment's commit before or after it happens."""
        dice = self.dice("commits")
        while time.monotonic() < self.ends:
            self.kit.cut_commit(dice.choice(("before", "after")), 10)
            self._rest(15)

    def crash(self) -> None:
        """Crash the database in a rush."""
        dice = self.dice("crash")
        self._rest(15)
        while time.monotonic() < self.ends:
            self.crash_in_a_rush(dice.choice(("kill", "kill", "immediate")))
            self._rest(85)

    def crash_in_a_rush(self, how: str) -> None:
        """Everybody pays one shop, and the server goes in the moment of an answer."""

        def rush() -> None:
            self.world.is_rushing = True
            time.sleep(1.0)

        def calm() -> None:
            self.world.is_rushing = False

        try:
            self.kit.crash_database(how, rush, calm)
        finally:
            calm()

    def all_the_rest(self) -> None:
        """Everything else, again and again in an order of the dice."""
        dice = self.dice("rest")
        while time.monotonic() < self.ends:
            doings = self.rest(dice)
            dice.shuffle(doings)
            for doing in doings:
                if time.monotonic() > self.ends:
                    return
                doing()
                self._rest(4)

    def rest(self, dice: random.Random) -> list[Callable[[], Any]]:
        """One of each."""
        kit = self.kit
        functions = sorted(set(deployments()) - {"analytics-api", "notifications-api"})
        everybody = [person.account for person in self.world.people]
        return [
            partial(kit.pause, dice.choice(functions), 2.0),
            partial(kit.pause, "postgres", 1.0),
            partial(kit.pause, "gateway", 1.0),
            partial(kit.kill, "gateway"),
            partial(kit.kill, "wallet-api"),
            partial(kit.kill, "warehouse"),
            partial(kit.kill, "scheduler"),
            partial(kit.disturb, "database", "delay", 4.0, seconds=0.05),
            partial(kit.disturb, "database", "throttle", 4.0, bytes_per_second=50_000),
            partial(kit.disturb, "database", "blackhole", 3.0),
            partial(kit.disturb, "database", "reset", 2.0),
            partial(kit.disturb, "documents", "delay", 4.0, seconds=0.05),
            partial(kit.disturb, "documents", "blackhole", 3.0),
            partial(kit.disturb, "documents", "reset", 2.0),
            partial(kit.exhaust_pool, 2.8, everybody),
            partial(kit.skew, dice.choice(functions), dice.choice((-SKEW_SECONDS, SKEW_SECONDS)), 8.0),
            partial(kit.strike, "db.before_statement", "transfers-api", "drop", 10),
            partial(kit.strike, "db.after_statement", "transfers-api", "drop", 10),
            partial(kit.strike, "db.after_statement", "payments-callback", "drop", 10),
            partial(kit.strike, "ledger.after_posting", "transfers-api", "sleep 3", 10),
            partial(kit.restart_store, "pubsub"),
            partial(kit.restart_store, "bigquery"),
            partial(kit.restart_store, "firestore"),
        ]

    # The short form

    def short_lanes(self) -> list[Callable[[], None]]:
        """Five kills in one lane, one of each other fault in another."""
        return [self._short_kills, self._short_rest]

    def _short_kills(self) -> None:
        dice = self.dice("short kills")
        must = ["ledger.after_posting", "settlement.after_credit", "relay.claimed"]
        may = sorted(set(SERVICES) - set(must) - set(POINTS["reconciliation-check"]))
        for point in must:
            self._insist(self.fired, point, partial(self.kill, point))
        for point in dice.sample(may, 2):
            if time.monotonic() < self.ends:
                self.kill(point)

    def _insist(self, counts: Counter[str], name: str, doing: Callable[[], object]) -> None:
        """Do something until it has had its effect once more; what never has is missed by the test's own count."""
        before, ends = counts[name], time.monotonic() + INSIST_SECONDS
        while counts[name] == before and time.monotonic() < ends:
            doing()
            time.sleep(INSIST_PAUSE_SECONDS)

    def _short_rest(self) -> None:
        dice = self.dice("short rest")
        doings = [
            partial(self._insist, self.kit.done, "cut commit", partial(self.kit.cut_commit, "after", 10)),
            partial(self._insist, self.kit.done, "cut commit", partial(self.kit.cut_commit, "before", 10)),
            partial(self._insist, self.kit.done, "terminated backend", partial(self.kit.terminate_backends, 4)),
            partial(self.kit.disturb, "database", dice.choice(("delay", "reset", "blackhole")), 1.0, seconds=0.05),
            partial(self.kit.pause, dice.choice(("transfers-api", "payments-callback", "postgres")), 1.0),
            partial(self.crash_in_a_rush, "kill"),
        ]
        dice.shuffle(doings)
        for doing in doings:
            doing()

    # Counting

    def _rest(self, seconds: float) -> None:
        time.sleep(max(0.0, min(seconds, self.ends - time.monotonic())))


def demands(minutes: float) -> dict[str, int]:
    """How often each thing must have happened in so many minutes altogether."""
    share = min(1.0, minutes / FULL_MINUTES)
    return {name: int(count * share) for name, count in DEMANDS.items()}


def table(done: Counter[str], fired: Counter[str], minutes: float) -> tuple[str, list[str]]:
    """What was done, in columns, and what was done too seldom."""
    wanted = demands(minutes)
    each = int(TIMES_EACH * min(1.0, minutes / FULL_MINUTES))
    lines = [f"{'nemesis':<44} {'done':>6} {'at least':>9}"]
    lines += [f"{name:<44} {done[name]:>6} {wanted.get(name, 0):>9}" for name in sorted(done.keys() | wanted.keys())]
    lines += ["", f"{'killed at':<44} {'times':>6} {'at least':>9}"]
    lines += [f"{SERVICES[point] + ' ' + point:<44} {fired[point]:>6} {each:>9}" for point in SERVICES]
    lacking = [f"{name}: {done[name]} of {count}" for name, count in wanted.items() if done[name] < count]
    enough = [point for point in SERVICES if fired[point] >= max(each, 1)]
    if minutes >= FULL_MINUTES and len(enough) < POINTS_MIN:
        lacking.append(f"points at which it was killed {each} times: {len(enough)} of {POINTS_MIN}")
    return "\n".join(lines), lacking
