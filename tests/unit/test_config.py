"""A setting that is missing stops the start, by name."""

import pytest

from shared import config


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_setting_is_named(monkeypatch, value):
    monkeypatch.delenv("SIGNING_KEYS", raising=False)
    if value is not None:
        monkeypatch.setenv("SIGNING_KEYS", value)
    with pytest.raises(config.ConfigMissing, match="SIGNING_KEYS"):
        config.require("SIGNING_KEYS")
    assert config.optional("SIGNING_KEYS") is None


def test_a_setting_is_read_when_asked_for(monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", "http://localhost:8080")
    assert config.require("PUBLIC_URL") == config.optional("PUBLIC_URL") == "http://localhost:8080"


@pytest.mark.parametrize(("environment", "local"), [("local", True), ("dev", False), ("prod", False)])
def test_only_local_is_local(monkeypatch, environment, local):
    monkeypatch.setenv("ENVIRONMENT", environment)
    assert config.is_local() is local


def test_an_environment_that_is_not_named_is_no_local_run(monkeypatch):
    monkeypatch.delenv("ENVIRONMENT", raising=False)
    with pytest.raises(config.ConfigMissing):
        config.is_local()
