"""Make the list of passwords that everybody uses, from lists that others have counted.

    python -m tools.common_passwords LIST …    writes functions/identity/common_passwords.bin

Each line of a LIST begins with a password; what follows a space is its count. The file holds no
password, many of which nobody wants to read: it holds the first five bytes of the SHA-256 of each,
sorted, so that it is searched where it lies. Five bytes name one of 10^12: among 50,000 entries an
uncommon password is refused by accident once in 20 million.
"""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "functions" / "identity" / "common_passwords.bin"
PREFIX_BYTES = 5
# A shorter one is refused for its length, and with digits behind it it is a word as any other.
LENGTH_MIN = 6


def packed(passwords: Iterable[str]) -> bytes:
    """Return the sorted prefixes of what is long enough, without regard to case."""
    folded = {password.casefold() for password in passwords if len(password) >= LENGTH_MIN}
    return b"".join(sorted({hashlib.sha256(text.encode()).digest()[:PREFIX_BYTES] for text in folded}))


def main(*lists: str) -> None:
    """Write the file from the named lists, and say how many it holds."""
    lines = [line for name in lists for line in Path(name).read_text(encoding="utf-8").splitlines()]
    content = packed(line.split()[0] for line in lines if line.strip())
    TARGET.write_bytes(content)
    print(f"{len(content) // PREFIX_BYTES} passwords in {len(content) / 1000:.0f} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
