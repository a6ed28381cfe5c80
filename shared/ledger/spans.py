"""spans — what the books hold of a span of time, page by page, however much or little that is.

The ledger finds a time by blocks of rows (BRIN), so a look sorts all that it spans, for each page
anew. A look therefore spans as much time as the last ones were worth.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

Row = TypeVar("Row")

# Little where much moved, so that no row is sorted for many pages in vain; much where nothing did.
LOOK_MIN: Final = timedelta(seconds=1)
LOOK_MAX: Final = timedelta(days=1)
LOOK_FIRST: Final = timedelta(minutes=1)


def pages(
    ask: Callable[[datetime, UUID, datetime], list[Row]],
    place: Callable[[Row], tuple[datetime, UUID]],
    *,
    since: datetime,
    until: datetime,
    size: int,
) -> Iterator[list[Row]]:
    """Yield the rows of a span, from `since`, included, to `until`, in pages of at most `size`.

    `ask` returns the first `size` rows after a position (time, id) and before a time; `place` is
    the position of a row.
    """
    after, look = UUID(int=0), LOOK_FIRST
    while since < until:
        ends = min(since + look, until)
        page = ask(since, after, ends)
        if len(page) == size:
            (since, after), look = place(page[-1]), max(look / 2, LOOK_MIN)
        else:
            since, after, look = ends, UUID(int=0), min(look * 2, LOOK_MAX)
        yield page
