"""codes — the QR of a top-up, made here and by nobody else: as SVG, as PNG, and on a sheet to print.

It holds the public address and nothing else. Error correction M survives a fold or a thumb's
shadow (15 % of the symbol); the quiet zone of four modules is what ISO/IEC 18004 asks for.
"""

import struct
import zlib
from html import escape
from typing import Final

from shared import clock, money
from shared.topups import TopUp

QUIET_ZONE: Final = 4
# Ten pixels a module make about 450 in all: sharp on a phone and on paper at 4 cm.
PIXELS_PER_MODULE: Final = 10

Matrix = list[list[bool]]


def matrix(text: str) -> Matrix:
    """Return the symbol of `text` as rows of dark (True) and light modules, quiet zone included."""
    # The library costs 70 ms of cold start, and most requests of this deployment draw nothing.
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=True)
    rows: Matrix = code.get_matrix()
    return rows


def svg(text: str) -> str:
    """Return the QR as an SVG that scales to any size."""
    modules = matrix(text)
    size = len(modules)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" role="img">'
        f"<title>QR</title>{_symbol(modules)}</svg>"
    )


def png(text: str) -> bytes:
    """Return the QR as a PNG of one bit a pixel (RFC 2083)."""
    modules = matrix(text)
    width = len(modules) * PIXELS_PER_MODULE
    lines = b"".join(_scan_line(row, width) * PIXELS_PER_MODULE for row in modules)
    header = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def sheet(top_up: TopUp, text: str) -> str:
    """Return an A4 page with the QR, the amount, the masked payee and the end of its time, in both languages."""
    modules = matrix(text)
    until = top_up.expires_at.astimezone(clock.JAKARTA).strftime("%d-%m-%Y %H:%M WIB")
    lines = [
        (36, 12, "700", "E-Wallet Lite"),
        (50, 6, "400", "Pindai untuk membayar · Scan to pay"),
        (210, 14, "700", money.format_rupiah(top_up.amount)),
        (224, 7, "400", f"Untuk · To: {top_up.payee_name}"),
        (236, 5, "400", f"Berlaku sampai · Valid until {until}"),
        (246, 4, "400", str(top_up.id)),
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297">'
        '<rect width="210" height="297" fill="#fff"/>'
        f'<svg x="35" y="60" width="140" height="140" viewBox="0 0 {len(modules)} {len(modules)}"'
        f' shape-rendering="crispEdges">{_symbol(modules)}</svg>'
        f"{''.join(_line(*line) for line in lines)}</svg>"
    )


def _symbol(modules: Matrix) -> str:
    """Return the light ground and the dark modules, one horizontal run each."""
    size = len(modules)
    runs = "".join(_runs(row, y) for y, row in enumerate(modules))
    return f'<rect width="{size}" height="{size}" fill="#fff"/><path fill="#000" d="{runs}"/>'


def _runs(row: list[bool], y: int) -> str:
    starts = [x for x, dark in enumerate(row) if dark and not row[x - 1]]
    ends = [x + 1 for x, dark in enumerate(row) if dark and not row[x + 1]]
    return "".join(f"M{start} {y}h{end - start}v1h{start - end}z" for start, end in zip(starts, ends, strict=True))


def _line(y: int, size: int, weight: str, text: str) -> str:
    style = f'font-family="sans-serif" font-size="{size}" font-weight="{weight}" text-anchor="middle"'
    return f'<text x="105" y="{y}" {style}>{escape(text)}</text>'


def _scan_line(row: list[bool], width: int) -> bytes:
    """Return one line of pixels: filter 0, then eight pixels a byte, white set."""
    bits = "".join(("0" if dark else "1") * PIXELS_PER_MODULE for dark in row).ljust(-(-width // 8) * 8, "0")
    return b"\x00" + int(bits, 2).to_bytes(len(bits) // 8)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
