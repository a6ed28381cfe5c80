"""One clock, which a developer can move and nobody else."""

import time
from datetime import UTC, timedelta

import pytest

from shared import clock


@pytest.fixture
def moved(tmp_path, monkeypatch):
    """A clock that has been moved by an hour, in an environment that the test names."""

    def move(environment: str, text: str = "3600\n") -> None:
        (tmp_path / "offset").write_text(text)
        monkeypatch.setenv("CLOCK_OFFSET_SECONDS_FILE", str(tmp_path / "offset"))
        monkeypatch.setenv("ENVIRONMENT", environment)

    return move


def test_now_is_aware_and_in_utc(monkeypatch):
    monkeypatch.delenv("CLOCK_OFFSET_SECONDS_FILE", raising=False)
    assert clock.now().tzinfo is UTC
    assert abs(clock.unix_time() - time.time()) < 1


def test_a_developer_moves_it_in_a_local_run(moved):
    moved("local")
    assert abs(clock.unix_time() - time.time() - 3600) < 1


@pytest.mark.parametrize("environment", ["dev", "prod", ""])
def test_nobody_moves_it_elsewhere(moved, environment):
    moved(environment)
    assert abs(clock.unix_time() - time.time()) < 1


def test_it_is_true_before_anybody_moved_it(monkeypatch, tmp_path):
    monkeypatch.setenv("CLOCK_OFFSET_SECONDS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("ENVIRONMENT", "local")
    assert abs(clock.unix_time() - time.time()) < 1


def test_a_day_begins_at_midnight_in_jakarta():
    assert clock.JAKARTA.utcoffset(clock.now().replace(tzinfo=None)) == timedelta(hours=7)
