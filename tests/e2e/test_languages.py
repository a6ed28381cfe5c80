"""One language at a time: no word of the other on any screen, by dictionary; language and theme are kept."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import people, screens
from tests.e2e.people import Language
from tests.e2e.screens import World
from tests.running import ROOT, Run

pytestmark = pytest.mark.e2e

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


def words(texts: list[str]) -> set[str]:
    """The words of messages without their placeholders and tags."""
    return {word.lower() for text in texts for word in WORD.findall(re.sub(r"\{[^}]*\}|<[^>]*>|\\.", " ", text))}


@pytest.fixture(scope="module")
def foreign() -> dict[Language, set[str]]:
    """For each language the words that can only be of the other one."""
    spoken = {language: words([*catalogue(language).values(), COMMON[language]]) for language in screens.LANGUAGES}
    only = {"id": spoken["en"] - spoken["id"], "en": spoken["id"] - spoken["en"]}
    assert {"balance", "your", "monday"} <= only["id"]
    assert {"saldo", "kirim", "senin"} <= only["en"]
    return only  # type: ignore[return-value]


@pytest.fixture(scope="module")
def world(running: Run) -> World:
    """Somebody with something on every screen."""
    return screens.make_world(running.url)


@pytest.fixture(scope="module", params=screens.LANGUAGES)
def device(request: pytest.FixtureRequest, browser: Browser, world: World) -> Iterator[BrowserContext]:
    """A phone of somebody who is signed in and speaks one of the languages."""
    with screens.opened(browser, world, request.param) as context:
        yield context


def check(page: Page, foreign: dict[Language, set[str]]) -> None:
    """Fail with the first texts that hold a word of the other language."""
    language: Language = page.evaluate("document.documentElement.lang")
    found = []
    for text in page.evaluate(READ):
        bare = re.sub("|".join(map(re.escape, [*PROPER, *DATA])), " ", REFERENCE.sub(" ", text))
        strangers = {word.lower() for word in WORD.findall(bare)} & foreign[language]
        if strangers:
            found.append((sorted(strangers), text))
    assert not found, f"{page.url} in {language}: {found}"


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


def test_no_screen_has_a_word_of_the_other_language(
    device: BrowserContext, world: World, foreign: dict[Language, set[str]]
) -> None:
    """Titles, labels and placeholders count as much as sentences."""
    page = device.new_page()
    for path in world.paths.values():
        screens.show(page, path)
        check(page, foreign)


def test_no_sheet_has_a_word_of_the_other_language(
    device: BrowserContext, world: World, foreign: dict[Language, set[str]]
) -> None:
    """What opens over a screen, and what a refusal says."""
    page = device.new_page()
    screens.show(page, "/home")
    said = catalogue(page.evaluate("document.documentElement.lang"))
    sheets = {
        "/account": ("Change name", "Change password", "Change or reset PIN", "Close my account"),
        "/activity": ("Dates",),
        "/scan": ("Paste",),
        "/receive": ("Ask for an amount",),
    }
    for path, buttons in sheets.items():
        for button in buttons:
            screens.show(page, path)
            people.open_sheet(page, said[button])
            check(page, foreign)
    for typed in ("0,5", "0", "99999999"):
        screens.show(page, world.paths["send-amount"])
        page.get_by_label(said["Amount"]).press_sequentially(typed)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert").filter(has_text=re.compile(r"\w"))).to_be_visible()
        check(page, foreign)
    screens.show(page, world.paths["send-review"])
    page.locator("main button").last.click()
    page.get_by_label(said["PIN, 6 digits"]).press_sequentially("739154")
    expect(page.locator("#pin-message")).to_contain_text("PIN")
    check(page, foreign)


@pytest.mark.parametrize("language", screens.LANGUAGES)
def test_no_door_has_a_word_of_the_other_language(
    browser: Browser, world: World, foreign: dict[Language, set[str]], language: Language
) -> None:
    """Before signing in, and when that fails."""
    said = catalogue(language)
    with screens.opened(browser, world, language, signed_in=False) as context:
        page = context.new_page()
        for path in (*screens.SIGNED_OUT.values(), "/no-such-page"):
            screens.show(page, path)
            check(page, foreign)
        screens.show(page, "/login")
        page.get_by_label(said["Username"]).fill("nobody.at.all")
        page.get_by_label(said["Password"], exact=True).fill("wrong password")
        page.get_by_role("button", name=said["Sign in"]).click()
        expect(page.get_by_role("alert").filter(has_text=re.compile(r"\w"))).to_be_visible()
        check(page, foreign)


def test_language_and_theme_are_kept_through_signing_in_and_out(browser: Browser, world: World) -> None:
    """Chosen at the door, kept inside; changed inside, kept at the door; both survive a reload."""
    options = {"base_url": world.base_url, "locale": "id-ID", "color_scheme": "light", "reduced_motion": "reduce"}
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.goto("/login")
        expect_look(page, "id", "light")
        page.get_by_text("English", exact=True).click()
        page.get_by_text("Dark", exact=True).click()
        expect_look(page, "en", "dark")
        page.get_by_label("Username").fill(world.person.username)
        page.get_by_label("Password", exact=True).fill(world.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/home")
        expect_look(page, "en", "dark")
        page.goto("/account")
        expect_look(page, "en", "dark")
        page.get_by_text("Indonesia", exact=True).click()
        expect(page.get_by_role("heading", name="Akun", exact=True)).to_be_visible()
        page.get_by_text("Terang", exact=True).click()
        page.reload()
        expect_look(page, "id", "light")
        page.get_by_role("button", name="Keluar", exact=True).click()
        page.wait_for_url("**/login")
        expect_look(page, "id", "light")
        page.reload()
        expect_look(page, "id", "light")


def expect_look(page: Page, language: Language, theme: str) -> None:
    """The page speaks `language` and wears `theme`."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("data-theme", theme)


def test_the_theme_follows_the_system_until_one_is_chosen(browser: Browser, world: World) -> None:
    """By day light, by night dark, without a reload."""
    with people_at_the_door(browser, world) as context:
        page = context.new_page()
        page.goto("/login")
        expect_look(page, "en", "light")
        page.emulate_media(color_scheme="dark")
        expect_look(page, "en", "dark")


def people_at_the_door(browser: Browser, world: World) -> BrowserContext:
    """A browser that nobody has used."""
    return browser.new_context(base_url=world.base_url, locale="en-GB", color_scheme="light")
