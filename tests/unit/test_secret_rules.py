"""What a password and a PIN may be."""

import sys
import timeit
from hashlib import sha256
from pathlib import Path

import pytest

from tools.common_passwords import packed

sys.path.append(str(Path(__file__).resolve().parents[2] / "functions" / "identity"))

import passwords
import pins


class TestPasswords:
    """Long enough, not everybody's first idea, and otherwise anything."""

    @pytest.mark.parametrize(
        "password",
        [
            "demo-wallet-2026",
            "kuda-terbang-88",
            "correct horse battery staple",
            "tr0ub4dor&3",
            "ååååbcde",
            "🐎🔋🖇🐎🔋🖇🐎!",
            "x7#kQ2mZ",
            "99887766554433",
            " kursi di teras  ",
            "a" * 64 + "b" * 64,
        ],
    )
    def test_takes_what_is_hard_to_guess(self, password: str) -> None:
        """No rule of composition: any characters, any mixture, up to 128."""
        assert passwords.find_weakness(password, "dewi") is None

    @pytest.mark.parametrize(
        ("password", "reason"),
        [
            ("x7#kQ2m", "too-short"),
            ("e\u0301" * 7, "too-short"),  # fourteen code points, seven characters
            ("x7#kQ2mZ" * 16 + "!", "too-long"),
            ("aku-dewi-saja", "contains-username"),
            ("DEWI7kqzmx", "contains-username"),
            ("aaaaaaaa", "repeated"),
            ("abcdabcdabcd", "repeated"),
            ("abababab!"[:8], "repeated"),
            ("qwertyui", "sequence"),
            ("zyxwvuts", "sequence"),
            ("1q2w3e4r", "sequence"),
            ("19900101", "digits"),
            ("0812-345-678", "digits"),
            ("password", "common"),
            ("P@ssw0rd!", "common"),
            ("sayang123", "common"),
            ("Jakarta2024!", "common"),
            ("iloveyou", "common"),
            ("dragonmonkey", "common"),
            ("wallet2026", "common"),
            ("!!bismillah!!", "common"),
            ("marishka", "common"),  # on the list, and no word of ours
            ("Alejandro", "common"),
            ("alejandr0!", "common"),
            ("contraseña", "common"),
            ("g_czechout", "common"),
        ],
    )
    def test_refuses_what_is_tried_first(self, password: str, reason: str) -> None:
        """Each refusal names its rule."""
        assert passwords.find_weakness(passwords.normalise(password), "dewi") == reason

    def test_each_word_is_refused_in_every_dress(self) -> None:
        """Digits and signs around a common word, and digits for its letters, do not hide it."""
        for word in passwords._words():
            for dressed in (f"{word}12345678", f"!!{word.upper()}!!!!!!", f"2026{word}2026"):
                assert passwords.find_weakness(dressed, "nobody-at-all") is not None, dressed

    def test_the_list_is_as_long_as_it_must_be(self) -> None:
        """At least the 3,000 most common passwords of eight characters (ASVS 6.2.4): 40,000, in order to be searched."""
        listed, size = passwords._list(), passwords._PREFIX_BYTES
        entries = [listed[start : start + size] for start in range(0, len(listed), size)]
        assert len(entries) > 40_000
        assert entries == sorted(set(entries))
        assert all(len(entry) == size for entry in entries)

    def test_the_list_is_made_of_passwords_in_any_case(self) -> None:
        """The file's maker and its reader agree: what is packed is found, in whatever case it is typed."""
        content = packed(["Zanzibar77", "kurz", "ÉCLAIRS"])
        assert len(content) == 2 * passwords._PREFIX_BYTES
        for text in ("zanzibar77", "éclairs"):
            assert sha256(text.encode()).digest()[: passwords._PREFIX_BYTES] in content

    def test_is_quick_with_anything(self) -> None:
        """The longest password is judged in well under a hundredth of a bcrypt."""
        rounds = timeit.repeat(lambda: passwords.find_weakness("ab" * 63 + "c!", "dewi"), number=20, repeat=5)
        assert min(rounds) / 20 < 0.002


class TestPins:
    """Six digits, less the ones that a thief tries first."""

    @pytest.mark.parametrize("pin", ["246810", "135791", "112358", "482915", "739154", "271828", "907351"])
    def test_takes_ordinary_ones(self, pin: str) -> None:
        """The seeded people's PINs are among them."""
        assert pins.find_weakness(pin, "576174676424") is None

    @pytest.mark.parametrize(
        ("pin", "reason"),
        [
            ("000000", "repeated"),
            ("121212", "repeated"),
            ("123123", "repeated"),
            ("111222", "repeated"),
            ("777778", "repeated"),
            ("123456", "sequence"),
            ("987654", "sequence"),
            ("890123", "sequence"),
            ("147258", "keypad"),
            ("159753", "keypad"),
            ("963741", "keypad"),
            ("112233", "common"),
            ("170845", "common"),
            ("251299", "date"),
            ("991225", "date"),
            ("290204", "date"),
            ("081998", "date"),
            ("199808", "date"),
            ("617467", "account-number"),
        ],
    )
    def test_refuses_what_is_tried_first(self, pin: str, reason: str) -> None:
        """Each refusal names its rule."""
        assert pins.find_weakness(pin, "576174676424") == reason

    def test_leaves_most_to_choose_from(self) -> None:
        """More than nine in ten of the million stay: a refusal must not make guessing easier."""
        refused = sum(pins.find_weakness(f"{number:06d}") is not None for number in range(0, 1_000_000, 7))
        assert refused < 1_000_000 / 7 * 0.08
