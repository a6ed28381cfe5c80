"""Scanning by camera, from a picture, and by pasting: a code says where to look, the server says who it is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e import browsers, codes, people
from tests.e2e.people import Member
from tests.running import Run

pytestmark = pytest.mark.e2e

FALSE_NAME = "BANK INDONESIA PUSAT"


@pytest.fixture(scope="module")
def dewi(running: Run) -> Member:
    """Who scans."""
    return people.join(running.url, "Dewi Lestari", 100_000)


@pytest.fixture(scope="module")
def budi(running: Run) -> Member:
    """Who is scanned."""
    return people.join(running.url, "Budi Santoso")


@pytest.fixture(scope="module")
def film(directory: Path) -> Path:
    """What the camera will see."""
    return directory / "camera.mjpeg"


@pytest.fixture(scope="module")
def page(browser: Browser, dewi: Member, film: Path) -> Iterator[Page]:
    """A phone whose camera shows the film; it may use it."""
    flags = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    codes.film(film, None)
    seeing = browsers.launch(browser.browser_type, *flags, f"--use-file-for-fake-video-capture={film}")
    with people.device(seeing, dewi, permissions=["camera"]) as context:
        yield context.new_page()
    seeing.close()


def paste(page: Page, text: str) -> None:
    """Open the sheet and paste."""
    page.goto("/scan")
    people.open_sheet(page, "Paste")
    page.get_by_label("Code, link or account number").fill(text)
    page.get_by_role("button", name="Continue").click()


def choose_picture(page: Page, image: Image.Image | Path) -> None:
    """Give the page a picture."""
    page.goto("/scan")
    content = image.read_bytes() if isinstance(image, Path) else codes.png(image)
    page.get_by_label("Picture of a code").set_input_files(
        {"name": "code.png", "mimeType": "image/png", "buffer": content}
    )


def expect_to_pay(page: Page, to: Member, amount: str) -> None:
    """The send screen with the server's name, and nothing of what the code claims to be."""
    expect(page).to_have_url(re.compile(rf"/send\?to={to.number}"))
    expect(page.get_by_text("B*** S******")).to_be_visible()  # masked: they have never paid one another
    expect(page.get_by_text(re.compile(FALSE_NAME, re.IGNORECASE))).to_have_count(0)
    expect(page.get_by_label("Amount")).to_have_value(amount)


def expect_refused(page: Page, *words: str) -> None:
    """A sheet that says why; the page stays where it is."""
    sheet = page.get_by_role("dialog", name="This code cannot be used")
    for said in words:
        expect(sheet.get_by_text(said)).to_be_visible()
    expect(page).to_have_url(re.compile("/scan$"))


def test_the_camera_reads_a_code_and_the_server_says_whose_it_is(page: Page, film: Path, budi: Member) -> None:
    """The amount is prefilled; the name that the code claims is nowhere."""
    codes.film(film, codes.ours(budi.number, FALSE_NAME, 25_000))
    page.goto("/scan")
    expect_to_pay(page, budi, "25,000")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Rp\u00a025,000").first).to_be_visible()
    expect(page.get_by_text(re.compile(FALSE_NAME, re.IGNORECASE))).to_have_count(0)


def test_the_camera_reads_a_top_up_and_opens_its_payer_page(page: Page, film: Path, budi: Member) -> None:
    """Who is paid is masked, as for every payer."""
    payment = people.top_up(budi.person, 30_000)
    codes.film(film, payment["pay_url"])
    page.goto("/scan")
    expect(page).to_have_url(re.compile(f"/pay/{re.escape(people.token_of(payment))}$"))
    expect(page.get_by_role("button", name="Pay Rp\u00a030,000")).to_be_visible()
    expect(page.get_by_text("Budi Santoso")).to_have_count(0)


def test_the_camera_stops_when_the_page_is_left(page: Page, film: Path) -> None:
    """Nobody is filmed who does not scan."""
    codes.film(film, None)
    page.add_init_script(
        "const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        "navigator.mediaDevices.getUserMedia = async asked => (window.stream = await open(asked));"
    )
    page.goto("/scan")
    people.until(page, "window.stream?.getTracks()[0].readyState === 'live'")
    page.get_by_role("button", name="Back").click()
    people.until(page, "window.stream.getTracks()[0].readyState === 'ended'")


def test_a_picture_of_a_code_is_read(page: Page, budi: Member) -> None:
    """Without an amount in the code, the field waits for one."""
    choose_picture(page, codes.picture(codes.ours(budi.number, FALSE_NAME)))
    expect_to_pay(page, budi, "")


def test_a_pasted_number_and_a_pasted_code_are_read(page: Page, budi: Member) -> None:
    """With the spaces in which it is shown, too."""
    paste(page, f"{budi.number[:4]} {budi.number[4:8]} {budi.number[8:]}")
    expect_to_pay(page, budi, "")
    paste(page, codes.ours(budi.number, FALSE_NAME, 1))
    expect_to_pay(page, budi, "1")


def test_an_amount_in_a_code_is_checked_like_a_typed_one(page: Page, budi: Member) -> None:
    """A code may ask for more than there is; it is told so and goes no further."""
    paste(page, codes.ours(budi.number, FALSE_NAME, 100_001))
    expect(page.get_by_text("Your balance is Rp\u00a01 short.")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("/send\\?"))


def test_ones_own_code_pays_nobody(page: Page, dewi: Member) -> None:
    """The server knows that it is oneself."""
    paste(page, codes.ours(dewi.number, "SOMEBODY ELSE", 5_000))
    expect(page.get_by_text("This is your own account.")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_disabled()


def test_a_damaged_code_says_so(page: Page, budi: Member) -> None:
    """One changed digit, in the account or in the amount, and its check sum does not fit."""
    whole = codes.ours(budi.number, FALSE_NAME, 25_000)
    asked = people.watch_requests(page, "/v1/accounts/")
    paste(page, whole.replace("540525000", "540595000"))
    expect_refused(page, "The code is damaged: its check sum does not fit. Ask for a new one.")
    choose_picture(page, codes.picture(whole.replace(budi.number, budi.number[::-1])))
    expect_refused(page, "The code is damaged: its check sum does not fit. Ask for a new one.")
    assert asked == []


def test_a_shops_qris_code_is_shown_and_politely_refused(page: Page) -> None:
    """Merchant, city and amount as the code states them, and no way to pay it here."""
    asked = people.watch_requests(page, "/v1/(accounts|transfers)/?")
    choose_picture(page, codes.picture(codes.qris("WARUNG BU SRI", "BANDUNG", 15_000)))
    expect_refused(page, "WARUNG BU SRI", "BANDUNG", "Rp\u00a015,000", "This code belongs to another payment network.")
    assert asked == []
    page.wait_for_timeout(people.DEAF_MS)
    page.get_by_role("button", name="Scan again").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_picture_without_a_code_says_so(page: Page) -> None:
    """So does a file that is no picture."""
    choose_picture(page, Image.new("RGB", (300, 300), "white"))
    expect_refused(page, "There is no payment code that we know in it.")


def test_my_code_as_a_picture_is_read_by_another_wallet(
    page: Page, browser: Browser, dewi: Member, budi: Member
) -> None:
    """What one saves, the other scans: the account and the amount arrive."""
    with people.device(browser, budi) as context:
        his = context.new_page()
        his.goto("/receive?amount=12500")
        with his.expect_download() as saved:
            his.get_by_role("button", name="Save").click()
        assert saved.value.suggested_filename == f"e-wallet-{budi.number}.png"
        choose_picture(page, saved.value.path())
    expect_to_pay(page, budi, "12,500")
