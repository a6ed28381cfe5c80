"""Stream one statement in a process of its own: `python -m tests.load.streaming <port> <database> <password> <user>`.

Prints [seconds, bytes, MiB above the idle process].
"""

import json
import os
import sys
import threading
import time
from datetime import date
from uuid import UUID

from tests.deployment import Deployment
from tests.load.history import memory_mib


def main(port: str, database: str, password: str, user: str) -> None:
    """Read the whole file part by part, as the server that sends it does."""
    where = {
        "DATABASE_HOST": "127.0.0.1",
        "DATABASE_PORT": port,
        "DATABASE_NAME": database,
        "DATABASE_PASSWORD": password,
    }
    variables = {
        **where,
        "DATABASE_USER": "wallet",
        "DATABASE_POOL_SIZE": "2",
        "ENVIRONMENT": "local",
        "TOKEN_ISSUER": "x",
    }
    wallet = Deployment("wallet", "api", {**os.environ, **variables})
    with wallet.active():
        module = wallet.modules["statement"]
        short = module.Query(date(2025, 1, 1), date(2025, 1, 2), "csv")
        list(module.answer(UUID(user), short).response)
        idle, peak = memory_mib(), [0.0]
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.01):
                peak[0] = max(peak[0], memory_mib())

        threading.Thread(target=watch, daemon=True).start()
        began = time.perf_counter()
        query = module.Query(date(2026, 1, 1), date(2026, 12, 31), "csv")
        size = sum(len(part.encode()) for part in module.answer(UUID(user), query).response)
        seconds = time.perf_counter() - began
        done.set()
    sys.stdout.write(json.dumps([seconds, size, peak[0] - idle]) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
