"""messages — the sentence of each notification, in both languages, made from its data alone."""

from collections.abc import Mapping
from typing import Any, Literal

from shared.money import format_rupiah

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")

SENTENCES: dict[str, dict[Language, str]] = {
    "transfer.received": {"id": "Anda menerima {amount}{from_whom}.", "en": "You received {amount}{from_whom}."},
    "transfer.sent": {"id": "Anda mengirim {amount}{to_whom}.", "en": "You sent {amount}{to_whom}."},
    "transfer.reversed": {
        "id": "Transfer {amount} telah dibatalkan.",
        "en": "A transfer of {amount} was reversed.",
    },
    "topup.settled": {"id": "Isi saldo {amount} berhasil.", "en": "Your top-up of {amount} has arrived."},
    "session.started": {
        "id": "Akun Anda dibuka di perangkat baru: {device}. Bukan Anda? Keluarkan perangkat itu dan ganti kata sandi.",
        "en": "Your account was opened on a new device: {device}. Not you? Sign it out and change your password.",
    },
    "session.reuse_detected": {
        "id": "Sesi lama dipakai ulang dan telah kami akhiri. Ganti kata sandi jika Anda tidak mengenalinya.",
        "en": "An old session was used again and we ended it. Change your password if you do not know why.",
    },
    "password.changed": {
        "id": "Kata sandi Anda telah diganti. Bukan Anda? Hubungi kami segera.",
        "en": "Your password was changed. Not you? Contact us at once.",
    },
    "pin.changed": {
        "id": "PIN Anda telah diganti. Bukan Anda? Hubungi kami segera.",
        "en": "Your PIN was changed. Not you? Contact us at once.",
    },
    "pin.locked": {
        "id": "PIN Anda terkunci karena terlalu banyak percobaan.",
        "en": "Your PIN is locked after too many attempts.",
    },
}

# What happens to a way in is told, whether one likes it or not.
MUTABLE_TYPES = frozenset({"transfer.received", "transfer.sent", "transfer.reversed", "topup.settled"})

# What identity keeps of a browser that does not say what it is (functions/identity/places.py), and how it reads.
UNKNOWN_DEVICE = "Unknown device"
UNKNOWN: dict[Language, str] = {"id": "perangkat tidak dikenal", "en": "an unknown device"}

WHOM: dict[Language, tuple[str, str]] = {"id": (" dari {}", " kepada {}"), "en": (" from {}", " to {}")}


class _Known(dict[str, str]):
    """What a sentence may name; a value that an older event lacks reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def text_of(kind: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentence of a notification of type `kind` by language."""
    return {language: sentence(kind, data, language) for language in LANGUAGES}


def sentence(kind: str, data: Mapping[str, Any], language: Language) -> str:
    """Return the sentence in one language."""
    values = _Known({name: str(value) for name, value in data.items()})
    if "amount" in data:
        values["amount"] = format_rupiah(data["amount"], language)
    if data.get("device") == UNKNOWN_DEVICE:
        values["device"] = UNKNOWN[language]
    name = data.get("counterparty", {}).get("name")
    from_whom, to_whom = WHOM[language]
    values["from_whom"], values["to_whom"] = (from_whom.format(name), to_whom.format(name)) if name else ("", "")
    return SENTENCES[kind][language].format_map(values)
