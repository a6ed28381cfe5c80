"""scheduler — stands in for Cloud Scheduler: calls the scheduled deployments by the crons of deployments.json.

GET  /                       the jobs and their last outcome
POST /jobs/{name}            run a job now, as `gcloud scheduler jobs run` does, and answer when it is done

The relay runs once at the start as well, so that nobody waits a minute for the first event. A
job that is due while it still runs runs again when it ends, once, however often it was due.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from croniter import croniter

from emulators.environment import deployments

# After a failure: 1, 2, 4 … 16 s. The cloud does not try again (terraform/scheduler.tf) and waits for the
# next tick; here parts are still starting, or were killed a moment ago.
RETRY_SECONDS = 1.0
ATTEMPTS_MAX = 5
AT_START = {"relay-drain"}


@dataclass
class Job:
    """A schedule of a deployment, and what its last run answered."""

    name: str
    url: str
    cron: str
    time_zone: str
    body: dict[str, Any]
    timeout_seconds: float
    last_status: int = 0
    last_at: float = 0.0
    running: asyncio.Lock = field(default_factory=asyncio.Lock)

    def seconds_to_next(self) -> float:
        """How long until the cron is due."""
        now = datetime.now(ZoneInfo(self.time_zone))
        due: datetime = croniter(self.cron, now).get_next(datetime)
        return max(0.0, (due - now).total_seconds())

    async def run(self, client: aiohttp.ClientSession) -> tuple[int, str]:
        """Call the deployment once; its answer, or 0 where there was none."""
        async with self.running:
            try:
                timeout = aiohttp.ClientTimeout(total=self.timeout_seconds)
                async with client.post(self.url, json=self.body, timeout=timeout) as answer:
                    self.last_status, text = answer.status, await answer.text()
            except (aiohttp.ClientError, TimeoutError) as error:
                self.last_status, text = 0, type(error).__name__
            self.last_at = time.time()
            return self.last_status, text


def jobs(addresses: dict[str, str]) -> dict[str, Job]:
    """Every schedule whose deployment has an address, by the name `<deployment>-<schedule>`."""
    found = {}
    for name, deployment in deployments().items():
        for entry in deployment["schedule"] or []:
            if name in addresses:
                job = f"{name}-{entry['name']}"
                url = addresses[name] + "/"
                seconds = float(deployment["timeout_seconds"])
                found[job] = Job(job, url, entry["cron"], entry["time_zone"], entry["body"], seconds)
    return found


async def keep_time(job: Job, client: aiohttp.ClientSession, *, at_start: bool) -> None:
    """Run `job` whenever it is due, for ever."""
    wait = 0.0 if at_start else job.seconds_to_next()
    while True:
        await asyncio.sleep(wait)
        for attempt in range(ATTEMPTS_MAX):
            status, text = await job.run(client)
            print(f"{job.name}: {status} {text[:200]}", flush=True)
            if status // 100 == 2:
                break
            await asyncio.sleep(RETRY_SECONDS * 2**attempt)
        wait = job.seconds_to_next()


def application(table: dict[str, Job]) -> web.Application:
    """The scheduler's own server, which keeps the time in the background."""
    app = web.Application()
    client = web.AppKey("client", aiohttp.ClientSession)

    async def keep_all(running: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession() as session:
            running[client] = session
            tasks = [
                asyncio.create_task(keep_time(job, session, at_start=job.name.startswith(tuple(AT_START))))
                for job in table.values()
            ]
            yield
            for task in tasks:
                task.cancel()

    async def show(request: web.Request) -> web.Response:
        return web.json_response({job.name: [job.cron, job.last_status, job.last_at] for job in table.values()})

    async def run_now(request: web.Request) -> web.Response:
        job = table.get(request.match_info["name"])
        if job is None:
            raise web.HTTPNotFound
        status, text = await job.run(request.app[client])
        return web.json_response({"status": status, "answer": text})

    app.cleanup_ctx.append(keep_all)
    app.router.add_get("/", show)
    app.router.add_post("/jobs/{name}", run_now)
    return app


def main() -> None:
    """Serve on HOST:PORT; SCHEDULER_TARGETS is a JSON object, deployment → address."""
    table = jobs(json.loads(os.environ["SCHEDULER_TARGETS"]))
    web.run_app(application(table), host=os.environ["HOST"], port=int(os.environ["PORT"]), access_log=None, print=None)


if __name__ == "__main__":
    main()
