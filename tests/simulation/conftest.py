"""The simulation's own database, as its owner."""

from typing import Any

import pytest

from emulators.postgres import Postgres


@pytest.fixture(scope="module")
def owner(postgres: Postgres, database: str) -> Any:
    """The database owner's connection."""
    connection = postgres.connect(database)
    yield connection
    connection.close()
