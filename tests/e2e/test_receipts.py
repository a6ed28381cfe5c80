"""Receipts: a page that lasts, in words and as a picture; sending again; favourites."""

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e import books, people, wallet
from tests.e2e.people import Language, Member
from tests.running import Run

pytestmark = pytest.mark.e2e

AMOUNT = 1_215_600
NOTE = "Sewa kamar & listrik"
WORDS: dict[Language, str] = {
    "id": "satu juta dua ratus lima belas ribu enam ratus rupiah",
    "en": "one million two hundred fifteen thousand six hundred rupiah",
}
# What stands on a device with a share sheet; the picture that was shared is kept.
SHARE_SHEET = (
    "navigator.canShare = () => true;"
    "navigator.share = async ({files, title}) => (window.shared ??= []).push({title, name: files[0].name,"
    " type: files[0].type, size: files[0].size});"
)


@pytest.fixture(scope="module")
def dewi(running: Run) -> Member:
    """Who paid."""
    return people.join(running.url, "Dewi Lestari", 5_000_000)


@pytest.fixture(scope="module")
def budi(running: Run) -> Member:
    """Who was paid."""
    return people.join(running.url, "Budi Santoso")


@pytest.fixture(scope="module")
def transfer_id(dewi: Member, budi: Member) -> str:
    """What the receipt is of."""
    return people.send(dewi.person, budi.person, AMOUNT, NOTE)


@pytest.fixture(scope="module")
def page(browser: Browser, dewi: Member) -> Iterator[Page]:
    """The payer's phone, with a share sheet."""
    with people.device(browser, dewi) as context:
        context.add_init_script(SHARE_SHEET)
        yield context.new_page()


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_receipt_says_everything_in_either_language(
    browser: Browser, dewi: Member, budi: Member, transfer_id: str, language: Language
) -> None:
    """Both names and numbers, the note, the time in WIB, the reference, the amount in digits and in words."""
    spaced = [f"{number[:4]} {number[4:8]} {number[8:]}" for number in (dewi.number, budi.number)]
    amount = "\u2212Rp\u00a01.215.600" if language == "id" else "\u2212Rp\u00a01,215,600"
    with people.device(browser, dewi, language) as context:
        page = context.new_page()
        page.goto(f"/tx/{transfer_id}")
        for shown in (amount, "Dewi Lestari", "Budi Santoso", *spaced, NOTE, transfer_id):
            expect(page.get_by_text(shown).first).to_be_visible()
        expect(page.get_by_text(re.compile(rf"^{WORDS[language]}$", re.IGNORECASE))).to_be_visible()
        expect(page.get_by_text(re.compile(r"20\d\d.*\d\d:\d\d:\d\d WIB$")).last).to_be_visible()


def test_the_payees_receipt_is_the_other_side_of_it(browser: Browser, budi: Member, transfer_id: str) -> None:
    """Money in, the same two names, and no way to send it again."""
    with people.device(browser, budi) as context:
        page = context.new_page()
        page.goto(f"/tx/{transfer_id}")
        expect(page.get_by_text("+Rp\u00a01,215,600")).to_be_visible()
        expect(page.get_by_text("Dewi Lestari")).to_be_visible()
        expect(page.get_by_role("link", name="Send again")).to_have_count(0)


def test_a_stranger_sees_no_receipt(running: Run, browser: Browser, transfer_id: str) -> None:
    """To everybody else the transfer does not exist."""
    with people.device(browser, people.join(running.url, "Sari Wulandari")) as context:
        page = context.new_page()
        page.goto(f"/tx/{transfer_id}")
        expect(page.get_by_text("We could not find this.")).to_be_visible()
        expect(page.get_by_text("1,215,600")).to_have_count(0)


def test_a_receipt_is_saved_and_shared_as_a_picture(page: Page, transfer_id: str) -> None:
    """By download, and by the share sheet where the device has one."""
    page.goto(f"/tx/{transfer_id}")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save").click()
    assert saved.value.suggested_filename == f"e-wallet-{transfer_id}.png"
    picture = Image.open(io.BytesIO(saved.value.path().read_bytes()))
    assert (picture.format, picture.width) == ("PNG", 1080)
    assert picture.height > 1_000
    assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 50, "the picture is empty"
    page.get_by_role("button", name="Share").click()
    people.until(page, "window.shared?.length === 1")
    [shared] = page.evaluate("window.shared")
    assert (shared["name"], shared["type"]) == (f"e-wallet-{transfer_id}.png", "image/png")
    assert shared["size"] > 10_000


def test_sending_again_starts_a_new_transfer_with_the_same_details(page: Page, budi: Member, transfer_id: str) -> None:
    """Prefilled and reviewed anew: another id, and nothing is sent before the PIN."""
    sent = people.watch_requests(page, "/v1/(transfers|pin/proofs)$")
    page.goto(f"/tx/{transfer_id}")
    page.get_by_role("link", name="Send again").click()
    expect(page.get_by_label("Amount")).to_have_value("1,215,600")
    expect(page.get_by_label("Note, optional")).to_have_value(NOTE)
    expect(page.get_by_text("Budi Santoso")).to_be_visible()  # no first-time mask: they know one another
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/send/review*")
    assert transfer_id not in page.url
    assert sent == []


def test_a_receipt_is_reached_from_the_history_and_back_is_one_step(page: Page, transfer_id: str) -> None:
    """Its address is its own, and Back leads to the list."""
    page.goto("/activity")
    page.get_by_text(NOTE).click()
    page.wait_for_url(f"**/tx/{transfer_id}")
    page.get_by_role("button", name="Back").click()
    page.wait_for_url("**/activity")


def test_a_favourite_stands_first_until_it_is_none(running: Run, page: Page, dewi: Member, budi: Member) -> None:
    """On every device: the server keeps it."""
    newest = people.join(running.url, "Agus Wijaya")
    people.send(dewi.person, newest.person, 1_000)
    page.goto("/send")
    names = page.locator("main section button", has_text=re.compile(r"\d{4} \d{4} \d{4}"))
    expect(names.first).to_contain_text("Agus")
    star = page.get_by_role("button", name="Favourite: Budi Santoso")
    expect(star).to_have_attribute("aria-pressed", "false")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(names.first).to_contain_text("Budi Santoso")
    first, *_ = dewi.person.ask("GET", "/v1/wallet/recipients", 200)["items"]
    assert (first["account_number"], first["favourite"]) == (budi.number, True)
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(names.first).to_contain_text("Agus")


def test_people_are_found_by_a_part_of_their_name(page: Page, budi: Member) -> None:
    """A tap on them is the first step done."""
    page.goto("/send")
    page.get_by_label("Account number or name").press_sequentially("santo")
    page.get_by_role("button", name=re.compile("Budi Santoso \\d|^BS|Budi")).first.click()
    page.wait_for_url(re.compile(rf"/send\?to={budi.number}"))
    wallet.type_amount(page, 1)
    expect(page.get_by_label("Amount")).to_have_value("1")


def test_a_transfer_that_was_given_back_says_so_on_both_receipts(
    running: Run, browser: Browser, dewi: Member, budi: Member
) -> None:
    """An open receipt follows within seconds; each of the two leads to the other, and nothing is sent again."""
    given = people.send(dewi.person, budi.person, 7_000, "Keliru")
    with people.device(browser, dewi) as context:
        page = context.new_page()
        page.goto("/home")
        page.get_by_text("Keliru").click()
        expect(page.get_by_role("heading", name="Successful")).to_be_visible()
        returned = books.give_back(running, given, dewi.number, 7_000)
        page.goto("/home")
        page.goto(f"/tx/{given}")
        expect(page.get_by_role("heading", name="Returned")).to_be_visible()
        expect(page.get_by_role("link", name="Send again")).to_have_count(0)
        page.get_by_role("link", name=returned).click()
        expect(page.get_by_role("heading", name="Reversal")).to_be_visible()
        expect(page.get_by_role("link", name=given)).to_be_visible()
        expect(page.get_by_text("+Rp\u00a07,000")).to_be_visible()
