"""Cold starts: from the start of the process to its first answer, against a function that says hello."""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from emulators import environment, secrets
from emulators.part import base_environment, kill_group
from emulators.ports import free_port
from tests import processes

ROOT = Path(__file__).resolve().parents[2]
HELLO = ROOT / "tests/load/hello/main.py"
TURNS = int(os.environ.get("BENCH_STARTS", "5"))
TIMEOUT_SECONDS = 60
# Without a Google SDK 2.2 times the time and twice the memory; with one four times the time.
DEMANDS = {"identity": 2.2, "wallet": 2.2, "transfers": 2.2}
DEMAND_WITH_SDK = 4.0
MEMORY_DEMAND = 2.0


def start(source: Path, target: str, variables: dict[str, str]) -> tuple[float, float]:
    """Seconds to the first answer and MiB that the server and its worker then hold."""
    port = free_port()
    command = [sys.executable, "-m", "functions_framework", "--source", str(source), "--target", target]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    surroundings = base_environment() | {"PYTHONPATH": str(ROOT)} | variables
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=surroundings,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.perf_counter() - began < TIMEOUT_SECONDS:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
                answer.read()
                return time.perf_counter() - began, memory(process.pid)
            time.sleep(0.002)
        raise RuntimeError(f"{source} never answered")
    finally:
        kill_group(process.pid)
        process.wait()


def memory(pid: int) -> float:
    """MiB that the process and its children hold, what they share counted once."""
    return sum(float(process.memory_full_info().pss) for process in processes.family(pid)) / 2**20


def starts() -> list[list[str]]:
    """Each deployment against hello, in turns; medians."""
    stack = environment.Stack(secrets.generate(), jwks_url="http://127.0.0.1:1/", database_port=1)
    stack.firestore, stack.pubsub, stack.bigquery = "127.0.0.1:1", "127.0.0.1:1", "http://127.0.0.1:1"
    deployments = environment.deployments()
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ["hello", *deployments]}
    for _ in range(TURNS):
        taken["hello"].append(start(HELLO, "hello", {"THREADS": "8"}))
        for name, described in deployments.items():
            source = ROOT / "functions" / described["folder"] / "main.py"
            taken[name].append(start(source, described["entry_point"], stack.of(name)))
    hello_seconds, hello_mib = _medians(taken.pop("hello"))
    found = []
    for name, figures in taken.items():
        seconds, mib = _medians(figures)
        demand = DEMANDS.get(deployments[name]["folder"], DEMAND_WITH_SDK)
        met = "yes" if seconds <= demand * hello_seconds else "**no**"
        found.append([f"{name}: first answer", f"{seconds * 1000:.0f} ms", f"{hello_seconds * 1000:.0f} ms",
                      f"{seconds / hello_seconds:.2f}", f"≤ {demand:.2f}", met])  # fmt: skip
        if deployments[name]["folder"] in DEMANDS:
            met = "yes" if mib <= MEMORY_DEMAND * hello_mib else "**no**"
            found.append(
                [f"{name}: memory", f"{mib:.0f} MiB", f"{hello_mib:.0f} MiB", f"{mib / hello_mib:.2f}", "≤ 2.00", met]
            )
    return found


def _medians(figures: list[tuple[float, float]]) -> tuple[float, float]:
    seconds, mib = zip(*figures, strict=True)
    return statistics.median(seconds), statistics.median(mib)


if __name__ == "__main__":
    print(json.dumps(starts(), indent=1))
