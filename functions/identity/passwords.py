"""passwords — what a password may be: long enough, and not one that everybody tries first.

NIST SP 800-63B-4, section 3.1.1.2: no rules of composition, no forced changes; a blocklist instead.
It is a list of the passwords that leaks hold most often (common_passwords.bin), and rules over the
words of this country and this product (common_words.txt), which no international list knows.
"""

import hashlib
import unicodedata
from bisect import bisect_left
from functools import cache
from pathlib import Path

from shared.errors import SecretTooWeak

LENGTH_MIN = 8
# Room for any passphrase; a limit, because every character is work for us.
LENGTH_MAX = 128
# Dates, telephone numbers and account numbers are this long; a longer row of digits may be anything.
DIGITS_ALONE_MAX = 12
_SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
# What people write instead of letters, and append to a word to please a rule.
_LEET = str.maketrans("013457@$!", "oieastasi")
_APPENDED = "0123456789!@#$%^&*()_-+=.,?~ "
# Of the SHA-256 of a listed password, as tools/common_passwords.py writes it.
_PREFIX_BYTES = 5
_FOLDER = Path(__file__).parent


def normalise(password: str) -> str:
    """Return the password in NFC, so that every keyboard's é is the same."""
    return unicodedata.normalize("NFC", password)


def require_strong(password: str, username: str) -> None:
    """Raise SecretTooWeak, with its reason, for a password that is refused.

    `username` is normalised. Reasons: too-short, too-long, contains-username, repeated, sequence,
    digits (few, and signs at most), common.
    """
    reason = find_weakness(normalise(password), username)
    if reason:
        raise SecretTooWeak(f"This password is refused: {reason}", reason=reason, field="password")


def find_weakness(password: str, username: str) -> str | None:
    """Return why `password` is refused, or None."""
    if len(password) < LENGTH_MIN:
        return "too-short"
    if len(password) > LENGTH_MAX:
        return "too-long"
    folded = password.casefold()
    rules = {
        "contains-username": username in folded,
        "repeated": _is_repeated(folded),
        "sequence": any(folded in text or folded in text[::-1] for text in _SEQUENCES),
        "digits": len(password) <= DIGITS_ALONE_MAX and not folded.strip(_APPENDED),
        "common": _is_common(folded),
    }
    return next((reason for reason, broken in rules.items() if broken), None)


def _is_repeated(text: str) -> bool:
    """Whether a piece of up to four characters fills the text: aaaaaaaa, abababab, 12341234."""
    return any(text == (text[:length] * len(text))[: len(text)] for length in range(1, 5))


def _is_common(folded: str) -> bool:
    """Whether it is on the list, or nothing but one or two common words, however they are dressed up."""
    bare = folded.strip(_APPENDED)
    spellings = {bare, folded.translate(_LEET).strip(_APPENDED), bare.translate(_LEET)}
    return any(_is_listed(text) for text in {folded, *spellings}) or any(_is_words(text) for text in spellings)


def _is_words(text: str) -> bool:
    """Whether it is one common word, or two."""
    words = _words()
    return text in words or any(text[:cut] in words and text[cut:] in words for cut in range(1, len(text)))


def _is_listed(text: str) -> bool:
    """Whether the list has it: a search in the sorted file, which is read once and never unpacked."""
    wanted, listed = hashlib.sha256(text.encode("utf-8")).digest()[:_PREFIX_BYTES], _list()

    def entry(number: int) -> bytes:
        return listed[number * _PREFIX_BYTES : (number + 1) * _PREFIX_BYTES]

    numbers = range(len(listed) // _PREFIX_BYTES)
    return entry(bisect_left(numbers, wanted, key=entry)) == wanted


@cache
def _list() -> bytes:
    return (_FOLDER / "common_passwords.bin").read_bytes()


@cache
def _words() -> frozenset[str]:
    text = (_FOLDER / "common_words.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())
