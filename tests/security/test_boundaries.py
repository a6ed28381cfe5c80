"""The edges of what may be sent: amounts, notes, account numbers and keys, over HTTP, each with its verdict."""

import json
from uuid import UUID, uuid4

import pytest

from shared.money import AMOUNT_MAX
from tests.contract.world import PIN, Person, World

TRANSFER_MAX = 10_000_000
TOP_UP_MIN, TOP_UP_MAX = 10_000, 10_000_000
MALFORMED = (400, "malformed")


@pytest.fixture(scope="module")
def rich(world: World, owner) -> Person:
    """Somebody with all that a wallet may hold."""
    person = world.register()
    owner.run(
        "CALL ledger.settle_top_up(:t, :u, :a, NULL, NULL, NULL, NULL)", t=uuid4(), u=person.user_id, a=20_000_000
    )
    return person


@pytest.fixture(scope="module")
def shop(world: World) -> Person:
    """Somebody who is paid."""
    return world.register()


def verdict(answer) -> tuple[int, str]:
    """The status and, where it is a refusal, the problem's slug."""
    return answer.status_code, "" if answer.status_code < 300 else answer.json["type"].removeprefix("/problems/")


def post(world: World, person: Person, path: str, text: str, **headers: str):
    """Send a text as the body, as it stands."""
    given = {"Authorization": f"Bearer {person.token}", "X-Forwarded-For": world.address()} | headers
    return world.client.open(path, method="POST", data=text.encode(), content_type="application/json", headers=given)


def pay(world: World, sender: Person, to_account: object, amount: str, note: str = '""', key: str | None = None):
    """A transfer whose amount and note stand in the body as these texts; its proof is right wherever one can be."""
    key = key or str(uuid4())
    text = f'{{"to_account": {json.dumps(to_account)}, "amount": {amount}, "note": {note}}}'
    proved = int(amount) if amount.isdigit() else 1
    proof = world.signer.pin_proof(UUID(sender.user_id), UUID(key), str(to_account), proved)
    return post(world, sender, "/v1/transfers", text, **{"Idempotency-Key": key, "X-Pin-Proof": proof})


# Written as they stand in the body. None is 2^53 + 1 taken for 2^53, or a sum past what a bigint holds.
NO_AMOUNTS = [
    "-1", "0", "-0", str(AMOUNT_MAX + 1), str(2**53 + 1), str(2**63 - 1), str(2**63), str(-(2**63)), str(2**64 + 1),
    "1" + "0" * 400, "1.0", "0.5", "1e3", "1E3", "1.5e1", "NaN", "Infinity", "-Infinity", "0x10", "01", "+1", "1_000",
    '"1"', '"1000"', '"1.000"', '"١"', "true", "null", "[]", "[1]", "{}", '{"value": 1}', "",
]  # fmt: skip


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=lambda text: text[:24] or "nothing")
def test_what_is_no_amount_is_malformed_everywhere(world, rich, shop, amount):
    """In a transfer, in a top-up and in the operation of a proof."""
    before = world.send("GET", "/v1/wallet", token=rich.token)
    assert verdict(pay(world, rich, shop.account_number, amount)) == MALFORMED
    key = {"Idempotency-Key": str(uuid4())}
    assert verdict(post(world, rich, "/v1/topups", f'{{"amount": {amount}}}', **key)) == MALFORMED
    operation = f'{{"type": "transfer", "id": "{uuid4()}", "to_account": "{shop.account_number}", "amount": {amount}}}'
    assert verdict(post(world, rich, "/v1/pin/proofs", f'{{"pin": "{PIN}", "operation": {operation}}}')) == MALFORMED
    assert world.send("GET", "/v1/wallet", token=rich.token) == before


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (1, (201, "")),
        (TRANSFER_MAX - 1, (201, "")),
        (TRANSFER_MAX, (201, "")),
        (TRANSFER_MAX + 1, (422, "limit-exceeded")),
        (20_000_001, (422, "limit-exceeded")),
        (2**31, (422, "limit-exceeded")),
        (AMOUNT_MAX, (422, "limit-exceeded")),
    ],
)
def test_an_amount_at_the_edge_of_a_transfer(world, owner, amount, expected):
    """1 and the most are paid, one more is not, and what was refused has moved nothing."""
    sender, payee = world.register(), world.register()
    owner.run(
        "CALL ledger.settle_top_up(:t, :u, :a, NULL, NULL, NULL, NULL)", t=uuid4(), u=sender.user_id, a=15_000_000
    )
    assert verdict(pay(world, sender, payee.account_number, str(amount))) == expected
    moved = amount if expected[0] == 201 else 0
    assert world.send("GET", "/v1/wallet", token=sender.token)["balance"] == 15_000_000 - moved
    assert world.send("GET", "/v1/wallet", token=payee.token)["balance"] == moved


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (1, (422, "amount-out-of-range")),
        (TOP_UP_MIN - 1, (422, "amount-out-of-range")),
        (TOP_UP_MIN, (201, "")),
        (TOP_UP_MAX, (201, "")),
        (TOP_UP_MAX + 1, (422, "amount-out-of-range")),
        (AMOUNT_MAX, (422, "amount-out-of-range")),
    ],
)
def test_an_amount_at_the_edge_of_a_top_up(world, amount, expected):
    """The least and the most are taken, one beside them is not."""
    text, key = f'{{"amount": {amount}}}', {"Idempotency-Key": str(uuid4())}
    assert verdict(post(world, world.register(), "/v1/topups", text, **key)) == expected


NOTES = {
    "nothing": "",
    "Indonesian": "Terima kasih, sampai jumpa!",
    "emoji with a joiner": "👨‍👩‍👧‍👦 makan 🍜",
    "Arabic": "شكرا جزيلا",
    "Han and kana": "お昼ご飯代",
    "combining": "e\u0301a\u0300o\u0302" * 20,
    "a zero-width joiner alone": "\u200d",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "SQL": "'; DROP TABLE ledger.transfers; --",
    "a template": "{{7*7}} ${7*7} #{7*7} %s %n",
    "a formula": '=HYPERLINK("http://evil.example","x")',
    "quotes and backslashes": "\"'\\\\/`",
    "140 of four bytes": "🍜" * 140,
    "spaces": " " * 140,
    "the highest character": "\U0010ffff",
}


@pytest.mark.parametrize("name", NOTES)
def test_a_note_comes_back_as_it_was_written(world, rich, shop, name):
    """In the answer, in the receipt and in both histories, character for character."""
    paid = pay(world, rich, shop.account_number, "1", json.dumps(NOTES[name]))
    assert (paid.status_code, paid.json["note"]) == (201, NOTES[name])
    receipt = world.send("GET", f"/v1/transfers/{paid.json['id']}", token=shop.token)
    assert receipt["note"] == NOTES[name]
    for person in (rich, shop):
        [newest] = world.send("GET", "/v1/wallet/entries?limit=1", token=person.token)["items"]
        assert newest["note"] == NOTES[name]


CONTROLS = [chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)]]
TURNING = list("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NO_NOTES = {
    **{f"U+{ord(sign):04X}": json.dumps(f"a{sign}b") for sign in [*CONTROLS, *TURNING]},
    "half a pair": '"\\ud83c"',
    "the other half": '"\\udf5c"',
    "halves in the wrong order": '"\\udf5c\\ud83c"',
    "141": json.dumps("a" * 141),
    "141 of four bytes": json.dumps("🍜" * 141, ensure_ascii=False),
    "ten thousand": json.dumps("a" * 10_000),
    "a number": "7",
    "null": "null",
    "a list": '["a"]',
    "a last line feed": '"a\\n"',
}


@pytest.mark.parametrize("name", NO_NOTES)
def test_what_is_no_note_is_malformed(world, rich, shop, name):
    """Control characters, what turns the direction of the text, half characters, and too much of it."""
    assert verdict(pay(world, rich, shop.account_number, "1", NO_NOTES[name])) == MALFORMED


def test_a_body_of_more_than_16_kib_is_too_large(world, rich, shop):
    """Before anybody parses it; at 16 KiB it is parsed, and only then is its note too long."""
    note = json.dumps("a" * 16_000)
    assert verdict(pay(world, rich, shop.account_number, "1", note)) == MALFORMED
    assert verdict(pay(world, rich, shop.account_number, "1", json.dumps("a" * 16_384))) == (413, "too-large")


NO_NUMBERS = [
    "", "1", "12345678901", "1234567890123", "012345678901", "12345678901a", " 23456789012", "12345678901 ",
    "123456789012\n", "１２３４５６７８９０１２", "١٢٣٤٥٦٧٨٩٠١٢", "-12345678901", "1e10", "1234-5678-901", "' OR 1=1 --",
    "%", "__________", "../../etc/pa", "NULL", "\x00" * 12, "9" * 400,
]  # fmt: skip


@pytest.mark.parametrize("number", NO_NUMBERS, ids=repr)
def test_what_is_no_account_number_is_malformed(world, rich, number):
    """As the payee of a transfer and of a proof."""
    assert verdict(pay(world, rich, number, "1")) == MALFORMED
    operation = {"type": "transfer", "id": str(uuid4()), "to_account": number, "amount": 1}
    assert verdict(post(world, rich, "/v1/pin/proofs", json.dumps({"pin": PIN, "operation": operation}))) == MALFORMED


@pytest.mark.parametrize("number", [123456789012, 1.5, True, None, [], {}], ids=repr)
def test_an_account_number_is_a_text(world, rich, number):
    assert verdict(pay(world, rich, number, "1")) == MALFORMED


def test_numbers_of_nobody_and_of_the_house_cannot_be_paid(world, owner, rich):
    """A number with a wrong check digit, one of nobody's, and every account that is not a person's."""
    wrong = rich.account_number[:-1] + str((int(rich.account_number[-1]) + 1) % 10)
    house = [number for [number] in owner.run("SELECT number FROM ledger.accounts WHERE kind <> 'user'") if number]
    for number in [wrong, "100000000008", "999999999999", *house]:
        answer = pay(world, rich, number, "1")
        assert verdict(answer) in {(404, "account-not-found"), MALFORMED}, (number, answer.text)


NO_KEYS = [
    None, "", "1", "x" * 36, "0192a0000000700080000000000000a1", "{0192a000-0000-7000-8000-0000000000a1}",
    "urn:uuid:0192a000-0000-7000-8000-0000000000a1", "0192a000-0000-7000-8000-0000000000a1, ", "a" * 8_000,
    "0192a000-0000-7000-8000-0000000000a1,0192a000-0000-7000-8000-0000000000a2", "0192a000_0000_7000_8000_0000000000a1",
    "../../../../../../../../../../../../a", "'; DROP TABLE transfers;              ",
]  # fmt: skip


@pytest.mark.parametrize("key", NO_KEYS, ids=lambda key: repr(key)[:40])
def test_what_is_no_key_is_refused_and_moves_nothing(world, rich, shop, key):
    """For payments and for top-ups, with a proof that is right otherwise."""
    given = {} if key is None else {"Idempotency-Key": key}
    proof = world.signer.pin_proof(UUID(rich.user_id), uuid4(), shop.account_number, 1)
    order = json.dumps({"to_account": shop.account_number, "amount": 1})
    before = world.send("GET", "/v1/wallet", token=rich.token)["balance"]
    for path, text in (("/v1/transfers", order), ("/v1/topups", '{"amount": 10000}')):
        answer = post(world, rich, path, text, **given, **{"X-Pin-Proof": proof})
        assert verdict(answer) == (400, "idempotency-key-invalid")
    assert world.send("GET", "/v1/wallet", token=rich.token)["balance"] == before


def test_a_key_is_one_thing_in_small_letters_and_in_capitals(world, rich, shop):
    """The same UUID written otherwise is the same request, answered again and moved once."""
    key = str(uuid4())
    first, again = (pay(world, rich, shop.account_number, "1", key=one) for one in (key, key.upper()))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_refusal_spends_no_key(world, owner):
    """What was malformed, unproved, unknown or too much may be sent again under its key once it is right."""
    sender, payee, key = world.register(), world.register(), str(uuid4())
    assert verdict(pay(world, sender, payee.account_number, "0", key=key)) == MALFORMED
    assert verdict(pay(world, sender, payee.account_number, "1", '"\\u0007"', key=key)) == MALFORMED
    assert verdict(pay(world, sender, "999999999990", "1", key=key))[0] == 404
    assert verdict(pay(world, sender, payee.account_number, "1", key=key)) == (422, "insufficient-funds")
    owner.run("CALL ledger.settle_top_up(:t, :u, :a, NULL, NULL, NULL, NULL)", t=uuid4(), u=sender.user_id, a=10_000)
    assert verdict(pay(world, sender, payee.account_number, "1", key=key)) == (201, "")
    assert verdict(pay(world, sender, payee.account_number, "2", key=key)) == (422, "idempotency-key-reused")
    assert verdict(pay(world, sender, payee.account_number, "1", '"kopi"', key=key)) == (422, "idempotency-key-reused")


def test_one_key_of_two_people_is_two_payments(world, rich, shop):
    """Neither hears anything of the other's."""
    key = str(uuid4())
    mine = pay(world, rich, shop.account_number, "2", key=key)
    theirs = pay(world, world.person, shop.account_number, "3", key=key)
    assert (mine.json["amount"], theirs.json["amount"]) == (2, 3)
    assert "Idempotency-Replayed" not in theirs.headers
