"""Load a deployment's file as functions-framework does, apart from every other deployment in this process.

Each one gets modules of its own (`shared` as well: its pools and caches) and an environment
of its own, as if it ran in its own instance. While one deployment answers, another waits;
any number of threads may call the same one at once.
"""

import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import functions_framework
from flask import Flask
from flask.testing import FlaskClient

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = f"{ROOT / 'functions'}{os.sep}"
# Settings of other deployments must not leak in: all names that any deployment may have.
OURS = ("DATABASE_", "FIRESTORE_", "PUBSUB_", "BIGQUERY_", "EVENTS_", "NOTICES_", "SIGNING_", "PASSWORD_", "PIN_")
OURS += (
    "PAY_",
    "PROVIDER_",
    "PUBLIC_URL",
    "TOKEN_",
    "JWKS_",
    "CLOCK_",
    "GOOGLE_CLOUD_PROJECT",
    "ENVIRONMENT",
    "K_SERVICE",
)


# Modules that have been looked at and are nobody's but Python's or a library's: two thousand, at every call.
_others: dict[str, ModuleType] = {}


class _Turn:
    """Whose modules and environment are in place; the same deployment may enter any number of times."""

    def __init__(self) -> None:
        self.condition = threading.Condition()
        self.holder: Deployment | None = None
        self.depth = 0
        self.outside: tuple[dict[str, ModuleType], dict[str, str], list[str]] = ({}, {}, [])


_turn = _Turn()


class Deployment:
    """One loaded deployment. `app` is its Flask application; `modules` holds what it imported of ours."""

    def __init__(self, folder: str, entry_point: str, environment: Mapping[str, str]) -> None:
        self.folder = ROOT / "functions" / folder
        self.environment = dict(environment)
        self.modules: dict[str, ModuleType] = {}
        with self.active():
            self.app: Flask = functions_framework.create_app(entry_point, str(self.folder / "main.py"))
        self.app.test_client_class = self._client_class()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Put this deployment's modules and environment in place for the time of the block."""
        with _turn.condition:
            _turn.condition.wait_for(lambda: _turn.holder in (None, self))
            if _turn.depth == 0:
                self._enter()
            _turn.holder, _turn.depth = self, _turn.depth + 1
        try:
            yield
        finally:
            with _turn.condition:
                _turn.depth -= 1
                if _turn.depth == 0:
                    self._leave()
                    _turn.holder = None
                    _turn.condition.notify_all()

    def _enter(self) -> None:
        variables = {name: value for name, value in os.environ.items() if name.startswith(OURS)}
        _turn.outside = (self._take_modules(), variables, list(sys.path))
        for name in variables:
            del os.environ[name]
        os.environ.update(self.environment)
        sys.modules.update(self.modules)
        sys.path[:0] = [str(self.folder), str(ROOT)]

    def _leave(self) -> None:
        modules, variables, path = _turn.outside
        self.modules = self._take_modules()
        for name in self.environment:
            os.environ.pop(name, None)
        os.environ.update(variables)
        sys.modules.update(modules)
        sys.path[:] = path

    def _take_modules(self) -> dict[str, ModuleType]:
        """Remove the modules of `shared` and of functions' folders from sys.modules, and return them."""
        new = {name: module for name, module in list(sys.modules.items()) if _others.get(name) is not module}
        taken = {name: module for name, module in new.items() if _is_ours(name, module)}
        _others.update({name: new[name] for name in new.keys() - taken.keys()})
        for name in taken:
            del sys.modules[name]
        return taken

    def _client_class(self) -> type[FlaskClient]:
        deployment = self

        class Client(FlaskClient):
            """A test client that answers in the deployment's own surroundings."""

            def open(self, *args: Any, **options: Any) -> Any:
                options.setdefault("buffered", True)  # a stream is read to its end in these surroundings
                with deployment.active():
                    return super().open(*args, **options)

        return Client


def _is_ours(name: str, module: ModuleType) -> bool:
    if name == "shared" or name.startswith("shared."):
        return True
    # Comparing text costs a thousandth of what comparing paths does.
    return str(getattr(module, "__file__", None)).startswith(FUNCTIONS)
