"""The way to the database in the cloud, with Google's connector stood in for; and the order of all time limits."""

import asyncio
import sys
import time
from types import ModuleType

import pytest
import yaml

from emulators.environment import ROOT, deployments
from shared import config, db, errors, migrate, pool

SETTINGS = {"DATABASE_INSTANCE": "project:region:name", "DATABASE_USER": "u", "DATABASE_NAME": "n"}
SETTINGS |= {"DATABASE_POOL_SIZE": "1"}


class SdkError(Exception):
    """Stands for the error classes of aiohttp and google-auth, of which pg8000 knows nothing."""


class Connector:
    """Google's, as far as we use it: what it does next is `Connector.acts`."""

    made = 0

    def __init__(self, *, refresh_strategy, loop):
        type(self).made += 1
        self.loop = loop

    async def connect_async(self, instance, driver, **settings):
        assert asyncio.get_running_loop() is self.loop
        assert (instance, driver) == ("project:region:name", "pg8000")
        assert settings["enable_iam_auth"] is True
        return await type(self).acts()


@pytest.fixture
def connector(monkeypatch):
    """The stand-in in the place of the real module, which a local run never loads."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    module = ModuleType("google.cloud.sql.connector")
    module.Connector = type("Fresh", (Connector,), {"made": 0})
    monkeypatch.setitem(sys.modules, "google.cloud.sql.connector", module)
    monkeypatch.setattr(pool, "CONNECT_TIMEOUT_SECONDS", 0.3)
    for cached in (pool.pool, pool._connector):
        cached.cache_clear()
    yield module.Connector
    if module.Connector.made:
        pool._connector()[1].call_soon_threadsafe(pool._connector()[1].stop)
    for cached in (pool.pool, pool._connector):
        cached.cache_clear()


def raises(error):
    async def act():
        raise error

    return staticmethod(act)


@pytest.mark.parametrize("error", [SdkError(), OSError(), RuntimeError(), KeyError("x"), TimeoutError()], ids=repr)
def test_whatever_the_connector_raises_is_an_outage(connector, error):
    """503 with Retry-After, and certain that nothing has happened."""
    connector.acts = raises(error)
    with pytest.raises(errors.Unavailable) as refused:
        db.call_once("SELECT 1")
    assert refused.value.headers["Retry-After"] == "1"


def test_a_connector_that_cannot_be_made_is_an_outage_and_is_made_anew(connector):
    """It looks for credentials when it is made, and may find none for a moment."""
    made = connector.__init__
    connector.__init__ = lambda *_, **__: (_ for _ in ()).throw(SdkError())
    with pytest.raises(errors.Unavailable):
        db.call("SELECT 1")
    connector.__init__, connector.acts = made, raises(SdkError())
    for _ in range(2):
        with pytest.raises(errors.Unavailable):
            db.call("SELECT 1")
    assert connector.made == 1


def test_a_connector_that_hangs_is_waited_for_no_longer_than_a_database(connector):
    """And what was asked of it is called off: nothing of it goes on for nobody."""
    ended = []

    async def hang():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    connector.acts = staticmethod(hang)
    began = time.monotonic()
    with pytest.raises(errors.Unavailable):
        db.call("SELECT 1")
    assert 0.2 < time.monotonic() - began < 2
    while not ended:
        assert time.monotonic() - began < 2
        time.sleep(0.01)


@pytest.mark.parametrize("name", ["DATABASE_USER", "DATABASE_NAME"])
def test_a_missing_setting_is_named_and_is_no_outage(connector, monkeypatch, name):
    monkeypatch.delenv(name)
    with pytest.raises(config.ConfigMissing, match=name):
        db.call("SELECT 1")


def test_our_verdict_comes_after_the_databases_and_before_anybody_elses():
    """An answer that is lost must be told as unknown while somebody still listens."""
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    gateways = document["x-google-api-management"]["backends"].values()
    deadlines = [backend["deadline"] for backend in gateways]
    deadlines += [described["timeout_seconds"] for described in deployments().values() if described["database_role"]]
    # Between them the request is also sent, waits for a turn, is logged and answered.
    assert int(migrate.LOGIN_SETTINGS["statement_timeout"]) / 1000 + 1 <= pool.ANSWER_TIMEOUT_SECONDS
    assert min(deadlines) >= pool.ANSWER_TIMEOUT_SECONDS + 2
