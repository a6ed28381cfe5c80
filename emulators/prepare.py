"""prepare — everything that must be in the stores before a function may start, done once from the environment.

The containers' way: the process runner does the same steps itself, in parallel. Reads DATABASE_*
(the owner's), BIGQUERY_*, PUBSUB_EMULATOR_HOST and PUSH_URLS, a JSON object: deployment → address.
"""

import json
import os

from emulators import environment, postgres, provision, replay
from emulators.part import Part
from emulators.postgres import Postgres


def prepare() -> None:
    """Migrate the database, make topics, subscriptions, tables and views, and put lost events back."""
    server = Postgres(
        part=_elsewhere(),
        host=os.environ["DATABASE_HOST"],
        port=int(os.environ["DATABASE_PORT"]),
        password=os.environ["DATABASE_PASSWORD"],
    )
    postgres.migrate(server, environment.DATABASE, environment.logins(), os.environ["DATABASE_PASSWORD"])
    provision.provision(json.loads(os.environ["PUSH_URLS"]))
    replay.replay()


def _elsewhere() -> Part:
    """Stand for a server that another engine started and stops."""
    return Part.__new__(Part)


if __name__ == "__main__":
    prepare()
