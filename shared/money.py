"""money — whole rupiah, account numbers and the text that travels with a payment."""

from typing import Annotated, Literal

from msgspec import Meta

# 10^15 rupiah is far above every limit in the ledger and far below what a JSON number in a
# browser (2^53) or a Postgres bigint can hold exactly.
AMOUNT_MAX = 1_000_000_000_000_000

Rupiah = Annotated[int, Meta(ge=1, le=AMOUNT_MAX, description="A positive amount in whole rupiah.")]
# \Z, since $ would also match before a last line feed.
AccountNumber = Annotated[str, Meta(pattern=r"^[1-9][0-9]{11}\Z")]

# No control character reaches a receipt, a log or a CSV cell; a lone surrogate has no UTF-8 form. What
# turns the direction of the text (U+202A to 202E, 2066 to 2069) could show an amount backwards.
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069]*\Z"
Note = Annotated[str, Meta(max_length=140, pattern=PRINTABLE)]

_NO_BREAK_SPACE = "\u00a0"
_MINUS = "\u2212"


def format_rupiah(amount: int, language: Literal["id", "en"] = "id") -> str:
    """Return `amount` as people read it, for example `Rp 1.250.000` (id) or `Rp 1,250,000` (en).

    The golden cases in tests/golden/money.json hold this and the web app's formatter together.
    """
    grouped = f"{abs(amount):,}"
    if language == "id":
        grouped = grouped.replace(",", ".")
    sign = _MINUS if amount < 0 else ""
    return f"{sign}Rp{_NO_BREAK_SPACE}{grouped}"


def luhn_is_valid(number: str) -> bool:
    """Return whether the last digit of `number` is its Luhn check digit (ISO/IEC 7812-1, annex B)."""
    if not (number.isascii() and number.isdigit()):
        return False
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mask_name(name: str) -> str:
    """Return `name` with all but the first letter of each word starred: `Budi Santoso` → `B*** S******`."""
    return " ".join(word[0] + "*" * (len(word) - 1) for word in name.split())
