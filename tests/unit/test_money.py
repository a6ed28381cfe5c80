"""Money as text, and the account number's check digit."""

import json
from pathlib import Path

import msgspec
import pytest

from shared import money

GOLDEN = json.loads((Path(__file__).resolve().parents[1] / "golden/money.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", GOLDEN["rupiah"], ids=lambda case: str(case["amount"]))
def test_an_amount_is_written_as_people_read_it(case):
    assert money.format_rupiah(case["amount"], "id") == case["id"]
    assert money.format_rupiah(case["amount"], "en") == case["en"]


@pytest.mark.parametrize("case", GOLDEN["account_numbers"], ids=lambda case: case["number"])
def test_the_last_digit_of_an_account_number_checks_the_others(case):
    assert money.luhn_is_valid(case["number"]) is case["valid"]


def test_a_wrong_digit_or_two_swapped_ones_are_noticed():
    number = "576174676428"
    for place, digit in enumerate(number):
        others = set("0123456789") - {digit}
        assert not any(money.luhn_is_valid(number[:place] + other + number[place + 1 :]) for other in others)
    swapped = [number[:i] + number[i + 1] + number[i] + number[i + 2 :] for i in range(11)]
    unnoticed = [one for one in swapped if one != number and money.luhn_is_valid(one)]
    assert unnoticed == []


@pytest.mark.parametrize("text", ["", "５７６１７４６７６４２８", "57617467642x", "5761 7467 6428", "²"])
def test_what_is_not_ascii_digits_is_no_number(text):
    assert not money.luhn_is_valid(text)


@pytest.mark.parametrize("case", GOLDEN["masked_names"], ids=lambda case: case["name"])
def test_a_masked_name_keeps_the_first_letters(case):
    assert money.mask_name(case["name"]) == case["masked"]


@pytest.mark.parametrize("amount", [0, -1, money.AMOUNT_MAX + 1, 1.0, "1", True, None])
def test_an_amount_is_a_positive_integer_within_bounds(amount):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(amount, money.Rupiah)


@pytest.mark.parametrize("amount", [1, 20_000, money.AMOUNT_MAX])
def test_an_amount_within_bounds_is_taken(amount):
    assert msgspec.convert(amount, money.Rupiah) == amount


@pytest.mark.parametrize(
    "note",
    ["a\nb", "a\n", "a\rb", "\t", "\x00", "\x7f", "\x9b", "\u2028", "\u2029", "\u202e", "\u2066", "\ud800", "a" * 141],
)
def test_a_note_holds_no_control_character_and_at_most_140(note):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(note, money.Note)


@pytest.mark.parametrize("note", ["", "Makan siang 🍜", "a" * 140, "=1+1", "ünïcödé", "مرحبا"])
def test_a_note_may_be_any_words(note):
    assert msgspec.convert(note, money.Note) == note
