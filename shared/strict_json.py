"""strict_json — strict decoding of request bodies: what is ambiguous is refused, never guessed.

The standard decoder keeps the last of two equal keys and takes 1e3 for a number; with money that
is a way to say two things at once, so both are refused here, as are NaN and Infinity.
"""

import json
from typing import Any, NoReturn

import msgspec

from shared.errors import Malformed


def decode(body: bytes, into: Any) -> Any:
    """Return `body` as an instance of the msgspec type `into`.

    Raises Malformed with the place of the fault: bad UTF-8 or JSON, a duplicate key, a number
    that is not a plain integer, an unknown or missing field, a value of the wrong type.
    """
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
        if b"\\u" in body:
            refuse_unstorable(document)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not JSON of the accepted form") from error
    return convert(document, into)


def convert(document: Any, into: Any, *, strict: bool = True) -> Any:
    """Return `document` as an instance of `into`, or raise Malformed; not `strict` reads text as numbers."""
    try:
        return msgspec.convert(document, into, strict=strict)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from error


def refuse_unstorable(document: Any) -> None:
    """Raise Malformed for text that no store of ours can hold: NUL, or half of a surrogate pair."""
    if isinstance(document, str):
        if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in document):
            raise Malformed("A text holds a character that is none")
    elif isinstance(document, dict):
        refuse_unstorable([*document.keys(), *document.values()])
    elif isinstance(document, list):
        for item in document:
            refuse_unstorable(item)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A key stands twice in one object")
    return found


def _refuse_number(_text: str) -> NoReturn:
    raise Malformed("Numbers are plain integers here: no fraction, no exponent, no NaN")
