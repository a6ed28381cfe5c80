"""Each part of the run: whether it lives, what it takes, whether it answers."""

import asyncio
import time
from typing import Any

import aiohttp
import psutil

from emulators import parts
from emulators.environment import deployments
from emulators.ports import HOST

ANSWER_SECONDS = 2.0
# Whoever asks every second asks not to be traced: the page shows the newest traces, and these would be all of them.
UNTRACED = {"traceparent": f"00-{'1' * 32}-{'1' * 16}-00"}


async def of_parts(table: dict[str, Any], client: aiohttp.ClientSession) -> list[dict[str, Any]]:
    """One entry for each running part of the runner's table."""
    # A scheduled function works on one thing at a time and answers nobody meanwhile.
    scheduled = {name for name, entry in deployments().items() if entry["trigger"] == "schedule"}
    described = [*parts.functions(), *parts.stand_ins()]
    paths = {part.name: part.health for part in described if part.name not in scheduled}
    paths |= dict.fromkeys(("firestore", "pubsub", "bigquery"), "/")
    return list(await asyncio.gather(*[_of(name, part, paths.get(name), client) for name, part in table.items()]))


async def _of(name: str, part: dict[str, Any], path: str | None, client: aiohttp.ClientSession) -> dict[str, Any]:
    memory = await asyncio.to_thread(_memory_mib, part["pid"])
    known = {"name": name, "url": part["url"], "pid": part["pid"], "memory_mib": memory}
    if path is None:
        return known | {"answers": await _connects(part["port"]), "answer_ms": None}
    began = time.perf_counter()
    answers = await _answers(part["url"] + path, client)
    return known | {"answers": answers, "answer_ms": round((time.perf_counter() - began) * 1000, 1)}


async def _connects(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(HOST, port), ANSWER_SECONDS)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def _answers(url: str, client: aiohttp.ClientSession) -> bool:
    try:
        async with client.get(url, headers=UNTRACED, timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as answer:
            return answer.status < 500
    except (aiohttp.ClientError, TimeoutError):
        return False


def _memory_mib(pid: int) -> float:
    """What the process and its children hold for themselves (PSS: shared pages are divided)."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return round(sum(_share(member) for member in family) / 1024**2, 1)
    except psutil.Error:
        return 0.0


def _share(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:  # another user's process, or one that has ended since
        return 0
