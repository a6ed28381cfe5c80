"""The QR: the same symbol as SVG, as PNG and on the sheet, holding the public address and nothing else."""

import io
import re
from xml.etree import ElementTree as ET

import pytest
import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

SVG = "{http://www.w3.org/2000/svg}"
QUIET = 4
PIXELS = 10


def expected(text):
    """The symbol that the library makes of `text`, without a quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    return code.get_matrix()


def symbol_of_png(content):
    """The modules of a PNG, its size in modules, and whether the ground around them is light."""
    image = Image.open(io.BytesIO(content)).convert("1")
    assert image.width == image.height
    size = image.width // PIXELS
    middle = PIXELS // 2
    return [[image.getpixel((x * PIXELS + middle, y * PIXELS + middle)) == 0 for x in range(size)] for y in range(size)]


def symbol_of_path(path, size):
    """The modules that an SVG path of horizontal runs darkens."""
    modules = [[False] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        for column in range(int(x), int(x) + int(width)):
            modules[int(y)][column] = True
    return modules


def within_quiet_zone(modules):
    """The modules inside the quiet zone, which must be light all around."""
    inside = [row[QUIET:-QUIET] for row in modules[QUIET:-QUIET]]
    assert sum(map(sum, modules)) == sum(map(sum, inside)), "the quiet zone is not quiet"
    return inside


@pytest.fixture
def drawn(dewi):
    """A top-up, and its QR in the form of `path`."""
    top_up = dewi.top_up(1_250_000)

    def draw(path):
        answer = dewi.get(f"/v1/topups/{top_up['id']}/{path}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        return answer

    return top_up, draw


def test_the_png_holds_the_public_address(drawn):
    top_up, draw = drawn
    answer = draw("qr.png")

    assert answer.mimetype == "image/png"
    assert within_quiet_zone(symbol_of_png(answer.data)) == expected(top_up["pay_url"])


def test_the_svg_holds_the_public_address(drawn):
    top_up, draw = drawn
    answer = draw("qr.svg")

    drawing = ET.fromstring(answer.data)
    size = int(drawing.get("viewBox").split()[2])
    assert answer.mimetype == "image/svg+xml"
    assert within_quiet_zone(symbol_of_path(drawing.find(f"{SVG}path").get("d"), size)) == expected(top_up["pay_url"])


def test_the_symbol_says_that_it_survives_15_percent_damage(drawn):
    """The format bits beside the upper left finder say error correction M (00, masked by 10)."""
    _, draw = drawn

    modules = within_quiet_zone(symbol_of_png(draw("qr.png").data))

    assert [modules[8][0], modules[8][1]] == [True, False]


def test_the_sheet_says_who_and_how_much_in_both_languages(drawn):
    top_up, draw = drawn

    drawing = ET.fromstring(draw("sheet.svg").data)

    words = " ".join(line.text for line in drawing.iter(f"{SVG}text"))
    inner = drawing.find(f"{SVG}svg")
    size = int(inner.get("viewBox").split()[2])
    assert within_quiet_zone(symbol_of_path(inner.find(f"{SVG}path").get("d"), size)) == expected(top_up["pay_url"])
    assert (drawing.get("width"), drawing.get("height")) == ("210mm", "297mm")
    for said in ("Pindai untuk membayar", "Scan to pay", "Rp\u00a01.250.000", "D*** L******", "WIB", top_up["id"]):
        assert said in words


def test_a_name_cannot_draw_on_the_sheet(person):
    top_up_owner = person("<script>x</script> & Co")
    top_up = top_up_owner.top_up()

    sheet = top_up_owner.get(f"/v1/topups/{top_up['id']}/sheet.svg").text

    assert "<script" not in sheet
    assert ET.fromstring(sheet) is not None
