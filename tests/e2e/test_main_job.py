"""The main job, on two devices: sign up, top up by QR, send with a PIN, and see it everywhere."""

import csv
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e import wallet

pytestmark = pytest.mark.e2e


def test_from_sign_up_to_the_warehouse_on_two_devices(running, browser):
    """Two people register; one tops up by QR and pays the other; both see it, and so do the insights and the CSV."""
    password = f"kuda {uuid4().hex[:8]}"
    with wallet.device(browser, running.url) as hers, wallet.device(browser, running.url) as his:
        dewi, budi = hers.new_page(), his.new_page()
        complaints = [wallet.watch(page) for page in (dewi, budi)]

        wallet.register(dewi, "Dewi Lestari", f"dewi_{uuid4().hex[:8]}", password)
        to = wallet.register(budi, "Budi Santoso", f"budi_{uuid4().hex[:8]}", password)
        wallet.shot(dewi, "01-home-empty")

        # The code is shown on her screen; the payer's phone is a stranger to the wallet.
        address = wallet.ask_for_top_up(dewi, 150_000)
        wallet.shot(dewi, "02-code")
        with wallet.device(browser, running.url) as phone:
            payer = phone.new_page()
            payer.goto("/pay/" + address.rsplit("/", 1)[-1])
            expect(payer.get_by_text("Rp 150,000").first).to_be_visible()
            expect(payer.get_by_text("Dewi Lestari")).not_to_be_visible()  # the name is masked
            wallet.shot(payer, "03-payer")
            wallet.pay(payer, address)
            wallet.shot(payer, "04-paid")
        expect(dewi.get_by_text("Top-up received")).to_be_visible(timeout=wallet.SETTLED_MS)
        wallet.shot(dewi, "05-received")
        dewi.goto("/home")
        expect(wallet.balance(dewi)).to_contain_text("150,000")

        wallet.to_review(dewi, to, 45_000, "Makan siang")
        expect(dewi.get_by_text("Rp 105,000").first).to_be_visible()
        wallet.shot(dewi, "06-review")
        wallet.confirm(dewi)
        expect(dewi.get_by_role("heading", name="Successful")).to_be_visible(timeout=wallet.SETTLED_MS)
        wallet.shot(dewi, "07-receipt")

        # His screen was open all the time: it follows by itself.
        budi.bring_to_front()
        expect(wallet.balance(budi)).to_contain_text("45,000", timeout=wallet.SETTLED_MS)
        wallet.shot(budi, "08-his-home")

        for page, name, figures in (
            (dewi, "09-her-history", ("105,000", "150,000")),
            (budi, "10-his-history", ("45,000",)),
        ):
            page.goto("/activity")
            for figure in figures:
                expect(page.get_by_text(figure).first).to_be_visible(timeout=wallet.SETTLED_MS)
            wallet.shot(page, name)

        _insights_agree(dewi)
        _statement_agrees(dewi)
    assert complaints == [[], []]


def _insights_agree(page):
    """The warehouse shows what went in and out, as soon as the event has arrived."""
    page.goto("/insights")
    net = page.get_by_text("+Rp\u00a0105,000").first
    for _ in range(9):
        try:
            expect(net).to_be_visible(timeout=wallet.WAREHOUSE_MS / 10)
            break
        except AssertionError:
            page.reload()
    expect(net).to_be_visible()
    expect(page.get_by_text("150,000").first).to_be_visible()
    expect(page.get_by_text("45,000").first).to_be_visible()
    wallet.shot(page, "11-insights")


def _statement_agrees(page):
    """The CSV holds both movements, and opening + in − out = closing."""
    page.goto("/statements")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    cells = {cell for row in csv.reader(text.splitlines()) for cell in row}
    assert {"150000", "105000"} <= cells
    wallet.shot(page, "12-statement")
