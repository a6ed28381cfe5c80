"""docs/benchmarks.md: one section per part, replaced when that part is measured again, the rest kept."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.load.machine import machine

PAGE = Path(__file__).resolve().parents[2] / "docs/benchmarks.md"
RATIOS = ("What", "Measured", "Against", "Ratio", "Demand", "Met")


@dataclass(frozen=True)
class Section:
    """What one part has found."""

    part: str
    title: str
    rows: list[list[str]]
    began: datetime
    command: str
    heading: tuple[str, ...] = RATIOS


@contextmanager
def figures(part: str, title: str, command: str) -> Iterator[list[list[str]]]:
    """Collect the rows of one part's table, and write them with the block's end, met or not."""
    began, rows = datetime.now(UTC), list[list[str]]()
    try:
        yield rows
    finally:
        if rows:
            write([Section(part, title, rows, began, command)], machine())


def ratio(measured: float, against: float, demand: float, *, at_most: bool) -> list[str]:
    """The last three cells of a row: the ratio, what is demanded of it, and whether it is met."""
    found = measured / against
    met = found <= demand if at_most else found >= demand
    return [f"{found:.2f}", f"{'≤' if at_most else '≥'} {demand:.2f}", "yes" if met else "**no**"]


def write(sections: list[Section], machine: str) -> None:
    """Put each section into the page between its marks; text outside the marks is written by hand."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
    for section in sections:
        text = _section(section, machine)
        begin, end = f"<!-- {section.part} -->", f"<!-- /{section.part} -->"
        block = f"{begin}\n{text}{end}"
        pattern = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
        page = pattern.sub(lambda _, block=block: block, page) if pattern.search(page) else f"{page}\n{block}\n"
    PAGE.write_text(page, encoding="utf-8")


def _section(section: Section, machine: str) -> str:
    heading = section.heading
    lines = [f"## {section.title}", "", f"| {' | '.join(heading)} |", f"|{'---|' * len(heading)}"]
    lines += [f"| {' | '.join(row)} |" for row in section.rows]
    lines += ["", f"Measured {section.began:%Y-%m-%d %H:%M} UTC with `{section.command}` on {machine}.", ""]
    return "\n".join(lines)
