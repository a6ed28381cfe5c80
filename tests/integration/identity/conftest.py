"""What the tests of identity share: the deployed function at the lowest cost, and a clock to move."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests import people
from tests.deployment import Deployment

# What the tests change PINs to: refused where the account number holds it.
NEW_PINS = ("739154", "684027")


class Clock:
    """Moves the deployment's clock, for everybody in the module's database; forwards, but for a moment."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds = 0

    def forward(self, *, seconds: int = 0, minutes: int = 0, days: int = 0) -> None:
        """Let so much time pass."""
        self.seconds += seconds + 60 * minutes + 86_400 * days
        self.file.write_text(str(self.seconds))


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    """The clock of the module's deployment."""
    return Clock(tmp_path_factory.mktemp("clock") / "offset")


@pytest.fixture(scope="module")
def identity(load: Callable[..., Deployment], clock: Clock) -> Deployment:
    """The identity function, as deployed, at bcrypt's lowest cost."""
    return load("identity", "api", CLOCK_OFFSET_SECONDS_FILE=str(clock.file), **people.FAST)


@pytest.fixture
def client(identity: Deployment) -> FlaskClient:
    """A browser without a cookie jar: tests name the cookie that they send."""
    return identity.app.test_client(use_cookies=False)


@pytest.fixture
def dewi(client: FlaskClient) -> people.Person:
    """Somebody who has just registered, and may have any of NEW_PINS."""
    while True:
        person = people.register(client)
        if not any(pin in person.account_number for pin in NEW_PINS):
            return person
