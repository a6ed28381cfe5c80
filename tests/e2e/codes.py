"""QR codes for the tests: payloads built independently of the app, as pictures and as a camera's film."""

import io
from pathlib import Path

import qrcode
from PIL import Image

# The app's own identifier: part of the format, so that a change of it is noticed here.
OURS = "6f1c0a5e8b7d4f2e9c3a5d7e1b2f4a6c"
FRAME = (640, 480)
FRAMES = 30


def field(tag: str, value: str) -> str:
    """One tag, its length, its value."""
    return f"{tag}{len(value):02}{value}"


def with_checksum(body: str) -> str:
    """The payload with its CRC-16/CCITT-FALSE."""
    crc = 0xFFFF
    for byte in (body + "6304").encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return f"{body}6304{crc:04X}"


def ours(account: str, name: str, amount: int | None = None) -> str:
    """A code of ours. `name` is only what the code claims."""
    stated = "" if amount is None else field("54", str(amount))
    head = field("00", "01") + field("01", "11" if amount is None else "12")
    template = field("26", field("00", OURS) + field("01", account))
    tail = field("58", "ID") + field("59", name) + field("60", "INDONESIA")
    return with_checksum(head + template + field("52", "0000") + field("53", "360") + stated + tail)


def qris(merchant: str, city: str, amount: int) -> str:
    """A shop's QRIS code, as the national standard has it."""
    template = field("26", field("00", "ID.CO.QRIS.WWW") + field("01", "936000140000000001") + field("03", "UMI"))
    head = field("00", "01") + field("01", "12") + template
    money = field("52", "5812") + field("53", "360") + field("54", str(amount))
    return with_checksum(head + money + field("58", "ID") + field("59", merchant) + field("60", city))


def picture(text: str) -> Image.Image:
    """The code with its quiet zone."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=8, border=4)
    code.add_data(text)
    return code.make_image().get_image().convert("RGB")


def png(image: Image.Image) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def film(path: Path, text: str | None) -> None:
    """Write what a camera sees that is held before the code (or before nothing), as motion JPEG."""
    frame = Image.new("RGB", FRAME, "white")
    if text is not None:
        code = picture(text)
        code.thumbnail((FRAME[1] - 20, FRAME[1] - 20))
        frame.paste(code, ((FRAME[0] - code.width) // 2, (FRAME[1] - code.height) // 2))
    file = io.BytesIO()
    frame.save(file, "JPEG", quality=90)
    path.write_bytes(file.getvalue() * FRAMES)
