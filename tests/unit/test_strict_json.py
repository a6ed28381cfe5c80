"""What a body may say: every way to say two things at once is refused."""

from typing import Annotated, Any

import msgspec
import pytest

from shared import strict_json
from shared.errors import Malformed


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount: Annotated[int, msgspec.Meta(ge=1)]
    note: str = ""
    more: dict[str, Any] = {}


def test_takes_plain_integers_and_text():
    assert strict_json.decode(b'{"amount": 20000, "note": "a\\u00e9\\ud83d\\ude00"}', Order) == Order(20000, "aé😀")


REFUSED = {
    "nothing": b"",
    "a bare word": b"amount",
    "a string": b'"amount"',
    "an array": b"[]",
    "null": b"null",
    "a missing field": b"{}",
    "an unknown field": b'{"amount": 1, "user_id": "x"}',
    "a field in other case": b'{"Amount": 1}',
    "an amount as text": b'{"amount": "1"}',
    "a fraction": b'{"amount": 1.5}',
    "a fraction that is whole": b'{"amount": 1.0}',
    "an exponent": b'{"amount": 1e3}',
    "a capital exponent": b'{"amount": 1E3}',
    "a negative exponent": b'{"amount": 1000e-3}',
    "a fraction elsewhere": b'{"amount": 1, "more": {"x": 0.1}}',
    "a true amount": b'{"amount": true}',
    "a null amount": b'{"amount": null}',
    "an amount in a list": b'{"amount": [1]}',
    "zero": b'{"amount": 0}',
    "minus zero": b'{"amount": -0}',
    "a negative amount": b'{"amount": -50000}',
    "a leading zero": b'{"amount": 007}',
    "a plus sign": b'{"amount": +1}',
    "a hexadecimal amount": b'{"amount": 0x10}',
    "an underscore": b'{"amount": 1_000}',
    "full-width digits": '{"amount": １}'.encode(),
    "NaN": b'{"amount": NaN}',
    "Infinity": b'{"amount": Infinity}',
    "minus Infinity": b'{"amount": -Infinity}',
    "NaN elsewhere": b'{"amount": 1, "more": {"x": NaN}}',
    "an amount of 5,000 digits": b'{"amount": ' + b"9" * 5000 + b"}",
    "a key twice": b'{"amount": 1, "amount": 2}',
    "a key twice with equal values": b'{"amount": 1, "amount": 1}',
    "a key twice, once escaped": b'{"amount": 1, "\\u0061mount": 2}',
    "a key twice, further in": b'{"amount": 1, "more": {"x": 1, "x": 2}}',
    "a note that is a number": b'{"amount": 1, "note": 5}',
    "a lone high surrogate": b'{"amount": 1, "note": "\\ud800"}',
    "a lone low surrogate": b'{"amount": 1, "note": "\\udc00"}',
    "surrogates in the wrong order": b'{"amount": 1, "note": "\\udc00\\ud800"}',
    "a lone surrogate further in": b'{"amount": 1, "more": {"x": ["\\ud800"]}}',
    "a lone surrogate in a key": b'{"amount": 1, "more": {"\\ud800": 1}}',
    "NUL": b'{"amount": 1, "note": "\\u0000"}',
    "NUL further in": b'{"amount": 1, "more": {"x": ["a\\u0000b"]}}',
    "NUL in a key": b'{"amount": 1, "more": {"\\u0000": 1}}',
    "raw NUL": b'{"amount": 1, "note": "\x00"}',
    "a raw line feed in a string": b'{"amount": 1, "note": "a\nb"}',
    "a single quote": b"{'amount': 1}",
    "a trailing comma": b'{"amount": 1,}',
    "a comment": b'{"amount": 1 /* one */}',
    "two documents": b'{"amount": 1}{"amount": 2}',
    "something after it": b'{"amount": 1} x',
    "a byte order mark": b'\xef\xbb\xbf{"amount": 1}',
    "UTF-16": '{"amount": 1}'.encode("utf-16"),
    "Latin-1": '{"amount": 1, "note": "é"}'.encode("latin-1"),
    "overlong UTF-8": b'{"amount": 1, "note": "\xc0\x80"}',
    "a surrogate in UTF-8": b'{"amount": 1, "note": "\xed\xa0\x80"}',
    "half a document": b'{"amount": 1',
    "an unknown escape": b'{"amount": 1, "note": "\\x41"}',
    "8,000 arrays in each other": b"[" * 8000 + b"]" * 8000,
    "5,000 open arrays": b"[" * 5000,
    "3,000 objects in each other": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "900 arrays in a free field": b'{"amount": 1, "more": {"x": ' + b"[" * 900 + b'"\\u0000"' + b"]" * 900 + b"}}",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_refuses(body):
    with pytest.raises(Malformed):
        strict_json.decode(body, Order)


def test_a_refusal_names_the_field_and_not_its_value():
    with pytest.raises(Malformed) as refused:
        strict_json.decode(b'{"amount": "246810"}', Order)
    assert "amount" in refused.value.detail
    assert "246810" not in refused.value.detail
