"""The words of the two languages: what a page says, and which of its words can only be of the other language."""

import re
from functools import cache

from playwright.sync_api import Page

from tests.e2e import screens
from tests.e2e.people import Language
from tests.running import ROOT

WORD = re.compile(r"[a-zà-ÿ]{2,}", re.IGNORECASE)
# References, usernames and codes: what holds a digit is no word of any language.
REFERENCE = re.compile(r"\S*\d\S*")
# Words that no catalogue has to hold, and that would give a forgotten sentence away.
COMMON: dict[Language, str] = {
    "id": "yang dan untuk dengan dari ini itu tidak bisa sudah belum akan pada saya anda kamu kami ke di oleh atau juga"
    " senin selasa rabu kamis jumat sabtu minggu januari februari maret mei juni juli agustus oktober desember"
    " memuat silakan gagal berhasil coba lagi kembali tutup simpan batal lanjut masuk keluar daftar kirim terima",
    "en": "the and for with from this that not can was were will your you our we have has please try again back close"
    " monday tuesday wednesday thursday friday saturday sunday january february march june july august october december"
    " parameter per loading failed successful cancel continue sign save send receive error something went wrong",
}
# Names of languages stand in their own language; what people wrote is theirs; a product's and a format's name.
PROPER = ("Indonesia", "English", "E-Wallet Lite", "QRIS", "API", "CSV", "PIN", "QR", "WIB", "Rp")
# Everything that is read or read out, outside of passages that say of themselves which language they are in.
READ = """() => {
    const here = document.documentElement.lang
    const texts = [document.title]
    const elements = [...document.body.querySelectorAll('*')].filter(element => {
        const own = element.closest('[lang]')
        return (!own || own.lang === here) && !element.closest('script, style, noscript')
    })
    for (const element of elements) {
        for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description']) {
            if (element.getAttribute(name)) texts.push(element.getAttribute(name))
        }
        for (const node of element.childNodes) if (node.nodeType === 3 && node.data.trim()) texts.push(node.data)
    }
    return texts
}"""
# What the people of the world wrote: their words, in no language of ours.
DATA = (
    "Dewi Lestari",
    "Dewi",
    "Budi Santoso",
    "Budi",
    "Siti Nurhaliza Rahmawati",
    "Siti",
    "Iuran arisan bulan November, termasuk konsumsi",
    "Makan siang",
    "Bensin",
    "Kembalian",
    "Kopi",
    "tidak-ada-yang-cocok",
)


def check(page: Page) -> None:
    """Fail with the first texts that hold a word of the other language."""
    language: Language = page.evaluate("document.documentElement.lang")
    found = []
    for text in page.evaluate(READ):
        bare = re.sub("|".join(map(re.escape, [*PROPER, *DATA])), " ", REFERENCE.sub(" ", text))
        strangers = {word.lower() for word in WORD.findall(bare)} & foreign()[language]
        if strangers:
            found.append((sorted(strangers), text))
    assert not found, f"{page.url} in {language}: {found}"


@cache
def foreign() -> dict[Language, set[str]]:
    """For each language the words that can only be of the other one."""
    spoken = {language: _words([*catalogue(language).values(), COMMON[language]]) for language in screens.LANGUAGES}
    only = {"id": spoken["en"] - spoken["id"], "en": spoken["id"] - spoken["en"]}
    assert {"balance", "your", "monday"} <= only["id"]
    assert {"saldo", "kirim", "senin"} <= only["en"]
    return only  # type: ignore[return-value]


def catalogue(language: Language) -> dict[str, str]:
    """Every message of the app, and what it is in `language`."""
    files = sorted((ROOT / "web/src/locales" / language).glob("*.po"))
    blocks = [
        block for path in files for block in path.read_text(encoding="utf-8").split("\n\n") if "\nmsgid " in block
    ]
    return {_text(block, "msgid"): _text(block, "msgstr") for block in blocks}


def _text(block: str, name: str) -> str:
    found = re.search(rf'^{name} ((?:".*"\n?)+)', block, re.MULTILINE)
    assert found is not None, block
    return "".join(re.findall(r'"(.*)"', found[1]))


def _words(texts: list[str]) -> set[str]:
    """The words of messages without their placeholders and tags."""
    return {word.lower() for text in texts for word in WORD.findall(re.sub(r"\{[^}]*\}|<[^>]*>|\\.", " ", text))}
