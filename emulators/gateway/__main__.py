"""Run the gateway: `python -m emulators.gateway` with HOST, PORT and the variables of app.from_environment."""

import os

from aiohttp import web

from emulators import state
from emulators.console.app import Console
from emulators.gateway.app import application, from_environment


def main() -> None:
    """Serve until told to stop; requests under way get a moment to end."""
    gateway = from_environment()
    console = Console(state.from_environment(), gateway.pages)
    web.run_app(
        application(gateway, console), host=os.environ["HOST"], port=int(os.environ["PORT"]),
        access_log=None, print=None, shutdown_timeout=2,
    )  # fmt: skip


if __name__ == "__main__":
    main()
