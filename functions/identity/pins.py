"""pins — what a PIN may be: six digits that are not among the first that a thief tries."""

from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from shared.errors import SecretTooWeak

# \Z, because $ also matches before a final line break.
Pin = Annotated[str, Meta(pattern=r"^[0-9]{6}\Z", description="Six ASCII digits.")]

_KEYPAD_ROWS = ("123", "456", "789", "147", "258", "369", "159", "357", "753", "951")
# Favourites of leaked lists that no rule below finds.
_COMMON = frozenset((Path(__file__).parent / "common_pins.txt").read_text(encoding="ascii").split())


def require_strong(pin: str, account_number: str = "") -> None:
    """Raise SecretTooWeak, with its reason, for a PIN that is refused.

    Reasons: repeated, sequence, keypad, date, common, account-number. A new user has no number yet:
    it is drawn so that it does not hold the first PIN (users.register).
    """
    reason = find_weakness(pin, account_number)
    if reason:
        raise SecretTooWeak(f"This PIN is refused: {reason}", reason=reason, field="pin")


def find_weakness(pin: str, account_number: str = "") -> str | None:
    """Return why `pin` is refused, or None."""
    if _is_repeated(pin):
        return "repeated"
    if _is_sequence(pin):
        return "sequence"
    if pin in _keypad_shapes():
        return "keypad"
    if pin in _COMMON:
        return "common"
    if pin in account_number:
        return "account-number"
    return "date" if _is_date(pin) else None


def _is_repeated(pin: str) -> bool:
    """Whether one, two or three digits fill it, or it is made of two digits in runs: 111111, 121212, 123123, 111222."""
    pieces = any(pin == pin[:length] * (6 // length) for length in (1, 2, 3))
    runs = sum(first != second for first, second in pairwise(pin))
    return pieces or runs <= 1


def _is_sequence(pin: str) -> bool:
    """Whether each digit follows the last, upwards or downwards, also over the end: 123456, 890123, 654321."""
    steps = {(int(second) - int(first)) % 10 for first, second in pairwise(pin)}
    return steps in ({1}, {9})


def _is_date(pin: str) -> bool:
    """Whether it is a day written as people here write it, or the other way round: DDMMYY, YYMMDD, MMYYYY, YYYYMM."""
    first, second, third = int(pin[:2]), int(pin[2:4]), int(pin[4:])
    month_and_year = (first, int(pin[2:])), (third, int(pin[:4]))
    return (
        _is_day(third, second, first)
        or _is_day(first, second, third)
        or any(1 <= month <= 12 and 1930 <= year <= 2039 for month, year in month_and_year)
    )


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        # 2000 + year: the 29th of February counts for every leap year of either century.
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True


@cache
def _keypad_shapes() -> frozenset[str]:
    """Two lines of the keypad, each in either direction: 147258, 147369, 159753, 741963."""
    lines = {line for row in _KEYPAD_ROWS for line in (row, row[::-1])}
    return frozenset(first + second for first in lines for second in lines)
