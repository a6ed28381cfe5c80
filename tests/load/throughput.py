"""Transfers per second against the bare function: random pairs, one hot payee, a slow commit, top-ups."""

import os
import statistics

from tests.load.stage import SLOW_COMMIT, Stage

# Long enough that 32 new sessions, each with its own plans to make, weigh little.
SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
REPEATS = int(os.environ.get("BENCH_REPEATS", "3"))
CLIENTS = (1, 4, 8, 16, 32)
CROWDS = (8, 32)


def medians(stage: Stage, scripts: tuple[str, ...], clients: int) -> list[float]:
    """The median throughput of each script, measured in turns: what disturbs one disturbs the other."""
    runs: dict[str, list[float]] = {script: [] for script in scripts}
    for turn in range(REPEATS):
        for script in scripts if turn % 2 == 0 else reversed(scripts):
            runs[script].append(stage.throughput("bench", script, clients, SECONDS))
    return [statistics.median(runs[script]) for script in scripts]


def row(what: str, measured: float, against: float, demand: float) -> list[str]:
    """A line of the report: figures per second, their ratio and the demand."""
    ratio = measured / against
    met = "yes" if ratio >= demand else "**no**"
    return [what, f"{measured:,.0f}/s", f"{against:,.0f}/s", f"{ratio:.2f}", f"≥ {demand:.2f}", met]


def random_pairs(stage: Stage) -> list[list[str]]:
    """ledger.transfer among a thousand accounts."""
    found = []
    for clients in CLIENTS:
        ours, bare = medians(stage, ("transfer_random", "bare_random"), clients)
        found.append(row(f"random pairs, {clients} clients", ours, bare, 0.80))
    return found


def hot_payee(stage: Stage) -> list[list[str]]:
    """Everybody pays one merchant, on this disk and on one whose commit takes 2 ms."""
    found = []
    for place, demand, settings in (("local disk", 2.0, {}), ("2 ms commit", 5.0, SLOW_COMMIT)):
        stage.set(settings or {"commit_delay": 0, "commit_siblings": 5})
        for clients in CROWDS:
            ours, bare = medians(stage, ("transfer_hot", "bare_hot"), clients)
            found.append(row(f"one payee, {clients} clients, {place}", ours, bare, demand))
    stage.set({"commit_delay": 0, "commit_siblings": 5})
    return found


def top_ups(stage: Stage) -> list[list[str]]:
    """Top-ups from the settlement accounts, against transfers between random pairs."""
    found = []
    for clients in CROWDS:
        ours, pairs = medians(stage, ("topup_random", "transfer_random"), clients)
        found.append(row(f"top-ups, {clients} clients, against random pairs", ours, pairs, 0.80))
    return found
