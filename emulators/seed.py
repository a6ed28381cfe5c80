"""Three people to try the product with, made through the public API: registered, and topped up by QR.

Running it again changes nothing: a name that is taken is signed in, and a wallet that has
moved is left as it is.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

PASSWORD = "demo-wallet-2026"  # noqa: S105 - published: the seeded people of a local run
TIMEOUT_SECONDS = 20
# All parts have just started at once: one may be too late for another's first request. Each of ours may be repeated.
PATIENCE = Retry(
    total=10, status_forcelist=[503], allowed_methods=None, backoff_factor=0.2, backoff_max=2, raise_on_status=False
)


@dataclass(frozen=True)
class Person:
    """A seeded person; `amount` is the first top-up in whole rupiah."""

    username: str
    full_name: str
    pin: str
    amount: int


PEOPLE = (
    Person("dewi", "Dewi Lestari", "246810", 2_500_000),
    Person("budi", "Budi Santoso", "135791", 750_000),
    Person("sari", "Sari Wulandari", "112358", 125_000),
)


class SeedFailed(RuntimeError):
    """The API answered otherwise than it must; the message holds its words."""


def seed(base_url: str) -> None:
    """Make PEOPLE at `base_url` where they are missing."""
    with requests.Session() as session:
        session.mount(base_url, HTTPAdapter(max_retries=PATIENCE))
        try:
            for person in PEOPLE:
                _seed_person(session, base_url, person)
        except requests.RequestException as error:
            raise SeedFailed(f"{base_url} does not answer: {error}") from error


def _seed_person(session: requests.Session, base_url: str, person: Person) -> None:
    token = _sign_up_or_in(session, base_url, person)
    signed_in = {"Authorization": f"Bearer {token}"}
    entries = _ask(session, "GET", f"{base_url}/v1/wallet/entries?limit=1", 200, headers=signed_in)
    if not entries["items"]:
        _top_up(session, base_url, signed_in, person.amount)


def _sign_up_or_in(session: requests.Session, base_url: str, person: Person) -> str:
    new = {"username": person.username, "password": PASSWORD, "pin": person.pin, "full_name": person.full_name}
    answer = session.post(f"{base_url}/v1/users", json=new, timeout=TIMEOUT_SECONDS)
    if answer.status_code == 409:
        credentials = {"username": person.username, "password": PASSWORD}
        answer = session.post(f"{base_url}/v1/sessions", json=credentials, timeout=TIMEOUT_SECONDS)
    if answer.status_code != 201:
        raise SeedFailed(f"{person.username}: {answer.status_code} {answer.text}")
    token: str = answer.json()["access_token"]
    return token


def _top_up(session: requests.Session, base_url: str, signed_in: dict[str, str], amount: int) -> None:
    headers = signed_in | {"Idempotency-Key": str(uuid4())}
    payment = _ask(session, "POST", f"{base_url}/v1/topups", 201, headers=headers, json={"amount": amount})
    token = payment["pay_url"].rsplit("/", 1)[-1]
    _ask(session, "POST", f"{base_url}/v1/pay/{token}", 200, json={"decision": "approve"})


def _ask(session: requests.Session, method: str, url: str, expected: int, **options: Any) -> Any:
    answer = session.request(method, url, timeout=TIMEOUT_SECONDS, **options)
    if answer.status_code != expected:
        raise SeedFailed(f"{method} {url}: {answer.status_code} {answer.text}")
    return answer.json()
