"""Run the gateway: `python -m emulators.gateway` with HOST, PORT and the variables of app.from_environment."""

import gc
import os

from aiohttp import web

from emulators import state
from emulators.console.app import Console
from emulators.gateway.app import application, from_environment

# A connection that has no whole request within this time is closed, whether it is idle or sends its
# headers a byte at a time.
IDLE_SECONDS = 20.0
GARBAGE_OBJECTS = 50_000


def main() -> None:
    """Serve until told to stop; requests under way get a moment to end."""
    gateway = from_environment()
    console = Console(state.from_environment(), gateway.pages)
    # What is loaded stays, and a request's objects go by themselves: looked at every 700 objects, as is usual, all
    # of a flood's would cost a sixth of the gateway's time.
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS)
    web.run_app(
        application(gateway, console), host=os.environ["HOST"], port=int(os.environ["PORT"]),
        access_log=None, print=None, shutdown_timeout=2, keepalive_timeout=IDLE_SECONDS,
    )  # fmt: skip


if __name__ == "__main__":
    main()
