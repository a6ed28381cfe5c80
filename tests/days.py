"""The day that people see, for tests that say which day it is."""

import time
from datetime import date, datetime, timedelta

from shared.clock import JAKARTA


def today(lasting: float = 0) -> date:
    """Today in Jakarta; where fewer than `lasting` seconds are left of it, midnight is waited for."""
    left = (midnight() - datetime.now(JAKARTA)).total_seconds()
    if left < lasting:
        time.sleep(left + 1)
    return datetime.now(JAKARTA).date()


def lately() -> tuple[date, date]:
    """Yesterday and today: what happened a moment ago lies in them, though midnight may have passed since."""
    last = today()
    return last - timedelta(days=1), last


def midnight() -> datetime:
    """When today ends in Jakarta."""
    return (datetime.now(JAKARTA) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
