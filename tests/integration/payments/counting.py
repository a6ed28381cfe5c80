"""Counts how often a deployment asks its stores."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.deployment import Deployment


@contextmanager
def counted(deployment: Deployment) -> Iterator[list[str]]:
    """Yield a list that grows by a name with every call to Firestore and every statement to Postgres."""
    asked: list[str] = []
    with deployment.active():
        from shared import firestore, pool

        places: list[tuple[Any, str]] = [
            (firestore, name) for name in ("get_many", "find", "count", "commit", "_client")
        ]
        places.append((pool.Connection, "run"))
        originals = [(place, name, getattr(place, name)) for place, name in places]
        for place, name, original in originals:
            setattr(place, name, _noting(asked, name, original))
    try:
        yield asked
    finally:
        for place, name, original in originals:
            setattr(place, name, original)


def _noting(asked: list[str], name: str, original: Any) -> Any:
    def noting(*arguments: Any, **options: Any) -> Any:
        asked.append(name)
        return original(*arguments, **options)

    return noting
