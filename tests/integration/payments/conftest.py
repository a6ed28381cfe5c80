"""What the tests of payments share: wallets in the ledger, both deployments, a provider, and the documents."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from emulators.postgres import Postgres
from tests.deployment import Deployment
from tests.integration.payments.people import Books, Person, Provider


@pytest.fixture(scope="module")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file by which a test moves the clock of both deployments."""
    return tmp_path_factory.mktemp("clock") / "offset"


@pytest.fixture
def move_clock(clock_file: Path) -> Any:
    """Set the deployments' clock this many seconds ahead until the test ends."""
    yield lambda seconds: clock_file.write_text(str(seconds))
    clock_file.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def surroundings(clock_file: Path) -> dict[str, str]:
    """What both deployments of a module have for themselves: a clock, and a Firestore database beside its ledger."""
    return {"CLOCK_OFFSET_SECONDS_FILE": str(clock_file), "FIRESTORE_DATABASE": f"payments-{uuid4().hex[:8]}"}


@pytest.fixture(scope="module")
def owner_side(load: Callable[..., Deployment], surroundings: dict[str, str]) -> Deployment:
    """payments-api."""
    return load("payments", "api", **surroundings)


@pytest.fixture(scope="module")
def payer_side(load: Callable[..., Deployment], surroundings: dict[str, str]) -> Deployment:
    """payments-callback."""
    return load("payments", "callback", **surroundings)


@pytest.fixture(scope="module")
def books(postgres: Postgres, database: str) -> Books:
    """The ledger of this module, read and prepared as its owner."""
    return Books(postgres.connect(database))


@pytest.fixture
def person(owner_side: Deployment, books: Books, signer: Any) -> Callable[[], Person]:
    """Open a wallet, and act as its owner."""

    def open_wallet(name: str = "Dewi Lestari") -> Person:
        user_id = uuid4()
        books.open_wallet(user_id, name)
        return Person(user_id, owner_side.app.test_client(), signer.bearer(user_id), books)

    return open_wallet


@pytest.fixture
def dewi(person: Callable[[], Person]) -> Person:
    """A person with an empty wallet."""
    return person()


@pytest.fixture
def payer_client(payer_side: Deployment) -> Any:
    """The payer's browser: `payer_client.post(pay_path, json={"decision": "approve"})`."""
    return payer_side.app.test_client()


@pytest.fixture
def provider(payer_side: Deployment, secrets: dict[str, str], clock_file: Path) -> Provider:
    """The payment provider, with its real key and the deployments' clock."""
    return Provider(payer_side.app.test_client(), json.loads(secrets["PROVIDER_KEYS"]), clock_file)


@pytest.fixture
def document(owner_side: Deployment) -> Callable[[str | UUID], dict[str, Any]]:
    """Return what the document of a top-up says."""

    def read(top_up_id: str | UUID) -> dict[str, Any]:
        with owner_side.active():
            from shared import firestore

            found = firestore.get("topups", str(top_up_id))
        assert found is not None
        return found.fields

    return read


@pytest.fixture
def repair(owner_side: Deployment) -> Callable[[], list[tuple[str, str, str]]]:
    """Run every pass of the reconciliation over the last hour."""

    def run() -> list[tuple[str, str, str]]:
        with owner_side.active():
            from shared.topups import repair

            found = list(repair.run(datetime.now(UTC) - timedelta(hours=1)))
        return [(finding.topup_id, finding.finding, finding.action) for finding in found]

    return run


@pytest.fixture
def night(owner_side: Deployment, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Tell of what stands under review as the nightly pass does, two documents a page."""

    def run() -> None:
        with owner_side.active():
            from shared.topups import repair

            monkeypatch.setattr(repair, "PAGE", 2)
            repair.tell_reviews()

    return run


@pytest.fixture
def operator_settles(operate: Any, owner_side: Deployment, surroundings: dict[str, str]) -> Any:
    """Type `python -m shared.operate settle <id>` as the operators' job does."""
    stores = {"FIRESTORE_EMULATOR_HOST": owner_side.environment["FIRESTORE_EMULATOR_HOST"], **surroundings}
    return lambda top_up_id: operate("settle", top_up_id, CLOUD_RUN_EXECUTION="operate-x7k2p", **stores)


@pytest.fixture
def half_done(owner_side: Deployment) -> Callable[[dict[str, Any]], None]:
    """Leave a top-up as a crash right after the gate leaves it: `paid`, and nothing credited."""

    def leave(top_up: dict[str, Any]) -> None:
        with owner_side.active():
            from shared import topups

            found = topups.find(UUID(top_up["id"]))
            assert found is not None
            topups.advance(found, topups.Step("paid", "payer", "approved"))

    return leave
