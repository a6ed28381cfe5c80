"""The bank test, in the manner of Jepsen: people pay while everything breaks, and the books must explain every answer.

Sixteen clients pay, ask again, top up and look, over HTTP through the gateway, among eight accounts that
everybody pays and two hundred others, while a seeded storm kills, cuts and crashes. Then everything
is healed and drained, and the checker (checker.py) reads the history and the books.

    python -m pytest tests/bank                                        the short form, one seed
    SEEDS=1,2,3 MINUTES=10 python -m pytest -m soak -s tests/bank      the long form
    SEEDS=7 python -m pytest tests/bank                                a seed once more

The seed decides what clients and storm do, not when the machine lets it happen: a failing seed makes
the same storm again, and usually the same failure.
"""

import asyncio
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.bank.checker import check
from tests.bank.clients import Client
from tests.bank.storm import DEMANDS, POINTS, SERVICES, Storm, table
from tests.bank.world import World
from tests.faults import failpoints

CLIENTS = 16
SHORT_SECONDS = 30.0
SNAPSHOT_SECONDS = 0.7
FINAL_TRIES = 30
PROOF_TRIES = 5
ANSWER_SECONDS = 30.0  # twice the gateway's own patience
FAULTS_SHOWN = 40

SEEDS = [int(seed) for seed in os.environ.get("SEEDS", "").split(",") if seed]
MINUTES = float(os.environ.get("MINUTES", "10"))

pytestmark = [pytest.mark.integration, pytest.mark.timeout(7200)]


async def live(world: World, seed: int, storm: Storm, seconds: float, pause: float) -> None:
    """Let the clients live through the storm; then heal, drain, and read everything once more."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    connector = aiohttp.TCPConnector(limit=64)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(timeout=timeout, connector=connector, cookie_jar=jar) as session:
        clients = [Client(number, seed, world, session, pause) for number in range(CLIENTS)]
        over = asyncio.Event()
        tasks = [asyncio.create_task(client.live(over)) for client in clients]
        tasks.append(asyncio.create_task(take_snapshots(world, over)))
        lanes = storm.lanes() if seconds > SHORT_SECONDS else storm.short_lanes()
        await asyncio.to_thread(storm.blow, lanes, seconds)
        over.set()
        await asyncio.gather(*tasks)
        await asyncio.to_thread(world.kit.heal)
        await asyncio.to_thread(world.drain)
        await read_everything(world, clients)


async def take_snapshots(world: World, over: asyncio.Event) -> None:
    """All balances at one instant, again and again."""
    while not over.is_set():
        await snapshot(world)
        await asyncio.sleep(SNAPSHOT_SECONDS)


async def snapshot(world: World) -> bool:
    """Take one snapshot; whether it could be taken."""
    number = world.history.invoke("snapshot")
    seen = await asyncio.to_thread(world.snapshot)
    world.history.end(number, "ok" if seen else "unknown", **({"accounts": seen} if seen else {}))
    return seen is not None


async def read_everything(world: World, clients: list[Client]) -> None:
    """The final reads, through the API; what cannot be read in many tries is left for the checker to refuse."""

    async def insist(read: Any, *arguments: Any) -> None:
        for _ in range(FINAL_TRIES):
            if await read(*arguments):
                return
            await asyncio.sleep(0.5)

    reader = clients[0]
    limit = asyncio.Semaphore(8)

    async def one(read: Any, *arguments: Any) -> None:
        async with limit:
            await insist(read, *arguments)

    top_ups = [top_up for client in clients for top_up in client.top_ups]
    people = [*world.people, *world.strangers]
    await asyncio.gather(
        *(one(reader.read_wallet, person, "final-wallet") for person in people),
        *(one(reader.read_top_up, person, top_up) for person, top_up in top_ups),
    )
    await insist(snapshot, world)


def proof_faults(world: World) -> list[str]:
    """What the product's own full reconciliation has to say that it did not mend."""
    # What the Pub/Sub emulator forgets in a restart, the cloud's keeps: the warehouse is told again, inboxes are not.
    forgiven = {"inbox_is_complete"} if world.kit.done["restart: pubsub"] else set()
    faults = ["the full proof gave no answer"]
    for _ in range(PROOF_TRIES):
        findings = world.full_proof()
        faults = [
            f"{promise}: {finding}"
            for promise, found in findings.items()
            if promise not in forgiven
            for finding in found
            if not finding["repaired"]
        ]
        if not faults:
            break
        world.redrive()
        time.sleep(10)
    return faults


def run_bank(directory: Path, seed: int, seconds: float, pause: float) -> tuple[Storm, list[str]]:
    """One run of one seed: the storm that was, and the faults that were found."""
    world = World(directory).start()
    storm = Storm(world, seed, seconds / 60)
    try:
        began = time.monotonic()
        asyncio.run(live(world, seed, storm, seconds, pause))
        drained = time.monotonic()
        books = world.books()
        faults = check(world.history.lines, books) + storm.faults
        if seconds > SHORT_SECONDS:  # it looks at every notification, one by one
            faults += proof_faults(world)
        print(
            f"seed {seed}: {len(world.history.lines) // 2} operations, {len(books.transfers)} transfers; "
            f"lived {drained - began:.0f} s, checked in {time.monotonic() - drained:.0f} s\n"
            f"{summary(world.history.lines)}",
            flush=True,
        )
        return storm, faults
    finally:
        world.close()


def summary(lines: list[dict[str, Any]]) -> str:
    """How the operations of each kind ended, and with which problems."""
    what = {line["op"]: line["what"] for line in lines if line["type"] == "invoke"}
    ends = Counter(f"{what[line['op']]} {line['type']}" for line in lines if line["type"] != "invoke")
    slugs = Counter(line["slug"] for line in lines if "slug" in line)
    return f"  {dict(sorted(ends.items()))}\n  {dict(slugs.most_common())}"


def told(faults: list[str], seed: int, minutes: float | None, directory: Path) -> str:
    """The faults of a seed with the command that replays it and where its history lies; "" where there are none."""
    if not faults:
        return ""
    kept = Path(tempfile.mkdtemp(prefix=f"bank-{seed}-"))
    shutil.copy(directory / "history.jsonl", kept)
    shutil.copytree(directory / "run" / "logs", kept / "logs")
    shutil.copy(directory / "run" / "runner.txt", kept)
    form = (
        f"SEEDS={seed} MINUTES={minutes:g} python -m pytest -m soak -s" if minutes else f"SEEDS={seed} python -m pytest"
    )
    words = [f"seed {seed} has {len(faults)} faults; replay it: {form} tests/bank; its history and logs: {kept}"]
    words += faults[:FAULTS_SHOWN] + ["…"] * (len(faults) > FAULTS_SHOWN)
    return "\n".join(words)


@pytest.fixture
def place(directory: Path) -> Path:
    """Where one run keeps its data."""
    return directory / f"bank-{random.randrange(10**9)}"


def test_every_point_of_the_code_is_in_the_storm():
    """A failpoint that no storm uses would be dead code."""
    assert set(SERVICES) == set(failpoints.points())
    assert len(SERVICES) == sum(map(len, POINTS.values())) >= 25


def test_the_bank_keeps_its_promises_while_everything_breaks(place):
    """The short form: half a minute of life with one fault of each kind, and five deaths."""
    seed = SEEDS[0] if SEEDS else random.randrange(10**6)
    print(f"seed {seed}")
    storm, faults = run_bank(place, seed, SHORT_SECONDS, pause=0.1)
    print(table(storm.kit.done, storm.fired, 0)[0].split("\n\n", maxsplit=1)[0])
    faults += [f"there was no {name}" for name in DEMANDS if not storm.kit.done[name]]
    if words := told(faults, seed, None, place):
        pytest.fail(words, pytrace=False)


@pytest.mark.soak
def test_the_bank_keeps_its_promises_for_half_an_hour(place, capsys):
    """The long form: the seeds one after the other, with every demand on the storm's counts."""
    done: Counter[str] = Counter()
    fired: Counter[str] = Counter()
    failures = []
    seeds = SEEDS or [random.randrange(10**6) for _ in range(3)]
    with capsys.disabled():
        for seed in seeds:
            print(f"\nseed {seed}", flush=True)
            storm, faults = run_bank(place / str(seed), seed, MINUTES * 60, pause=0.15)
            done.update(storm.kit.done)
            fired.update(storm.fired)
            failures.append(told(faults, seed, MINUTES, place / str(seed)))
            print(failures[-1] or f"seed {seed}: every promise was kept", flush=True)
        words, lacking = table(done, fired, MINUTES * len(seeds))
        print(words, flush=True)
    failures += [f"the storm was too weak: {lack}" for lack in lacking]
    if any(failures):
        pytest.fail("\n".join(filter(None, failures)), pytrace=False)
