"""The ends of the calendar, where a day in Jakarta begins on one that does not exist."""

import importlib.util
from datetime import date
from types import ModuleType

import pytest

from emulators.environment import ROOT
from shared.errors import Malformed


def periods(folder: str) -> ModuleType:
    """The module `periods` of a function's folder."""
    place = importlib.util.spec_from_file_location(f"{folder}_periods", ROOT / "functions" / folder / "periods.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("first", "last"), [(date.min, date.min), (None, date.min), (date.max, None), (None, date.max)]
)
def test_a_day_outside_every_calendar_is_refused(first, last):
    with pytest.raises(Malformed):
        periods("wallet").check_range(first, last)
    with pytest.raises(Malformed):
        periods("analytics").choose(first, last)


@pytest.mark.parametrize("folder", ["wallet", "analytics"])
def test_a_range_has_a_year_and_a_day_at_most(folder):
    module = periods(folder)
    check = module.check_range if folder == "wallet" else module.choose
    check(date(2024, 1, 1), date(2024, 12, 31))
    for first, last in [(date(2024, 1, 1), date(2025, 1, 1)), (date(2024, 1, 2), date(2024, 1, 1))]:
        with pytest.raises(Malformed):
            check(first, last)
