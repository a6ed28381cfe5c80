"""payer — plays the payment provider: `python -m emulators.payer topup.paid id=<top-up>`.

topup.paid           the money moved now
topup.declined       the payer or the bank refused
topup.duplicate      the same report twice, as providers do
topup.late           paid within the window, reported now (move the clock past the expiry first)
topup.after-expiry   paid after the window: nobody is credited, a person decides
topup.wrong-amount   one rupiah more than was asked for
topup.forged         signed with a key that is not the provider's

Without `id=` it takes the newest top-up that waits. It speaks to the running system as a provider
would, over the gateway, and shows each answer and what the top-up's document says afterwards.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
import sys
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from emulators import secrets as local_secrets
from emulators import state
from shared import clock, firestore, topups
from shared.topups import TopUp

PATH = "/v1/payments/callback"
ANSWER_SECONDS = 15
CASES = re.findall(r"^(topup\.[a-z-]+) ", __doc__ or "", re.MULTILINE)


def report(top_up: TopUp, *, status: str = "paid", paid_at: datetime | None = None, more: int = 0) -> dict[str, Any]:
    """Return a report on `top_up` with an event id of its own; `more` falsifies the amount."""
    moment = (paid_at or clock.now()).isoformat().replace("+00:00", "Z")
    event_id = f"evt_{secrets.token_hex(8)}"
    amount = top_up.amount + more
    fields = {"event_id": event_id, "topup_id": str(top_up.id), "amount": amount, "currency": "IDR"}
    return {**fields, "status": status, "paid_at": moment}


def signature(
    keys: dict[str, str], body: bytes, *, at: int | None = None, method: str = "POST", path: str = PATH
) -> str:
    """Return the X-Signature of `body` by the first of `keys` (id → base64), made at the unix time `at`."""
    key_id, key = next(iter(keys.items()))
    moment = int(clock.unix_time()) if at is None else at
    signed = f"{moment}.{method}.{path}.".encode() + body
    return f"t={moment},kid={key_id},v1={hmac.new(b64decode(key), signed, hashlib.sha256).hexdigest()}"


def reports(case: str, top_up: TopUp) -> list[dict[str, Any]]:
    """Return what the provider sends in `case`, which is one of CASES."""
    in_time = min(clock.now(), top_up.expires_at - timedelta(seconds=1))
    paid = report(top_up)
    return {
        "topup.paid": [paid],
        "topup.declined": [report(top_up, status="declined")],
        "topup.duplicate": [paid, paid],
        "topup.late": [report(top_up, paid_at=in_time)],
        "topup.after-expiry": [report(top_up, paid_at=top_up.expires_at + timedelta(seconds=1))],
        "topup.wrong-amount": [report(top_up, more=1)],
        "topup.forged": [paid],
    }[case]


def main(arguments: list[str]) -> int:
    """Play the case that the command line names, and return the exit code."""
    wanted = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    cases = [argument for argument in arguments if "=" not in argument]
    local = state.from_environment()
    running = local.processes()
    os.environ.update(running["deployments"]["payments-callback"])
    if len(cases) != 1 or cases[0] not in CASES:
        sys.exit(__doc__)
    top_up = _find(wanted.get("id"))
    if top_up is None:
        sys.exit(f"There is no top-up {wanted['id']}." if "id" in wanted else "No top-up waits: ask for one first.")
    for sent in reports(cases[0], top_up):
        keys = _provider_keys(local, forged=cases[0] == "topup.forged")
        print(f"{cases[0]}: {_send(running['gateway']['url'], sent, keys)}")
    after = topups.find(top_up.id)
    print(f"top-up {top_up.id}: {after.standing if after else 'gone'} ({after.standing_reason if after else ''})")
    return 0


def _find(top_up_id: str | None) -> TopUp | None:
    """Return the top-up of this id, or the newest one that waits."""
    if top_up_id:
        try:
            return topups.find(UUID(top_up_id))
        except ValueError:
            return None
    newest = [("created_at", "DESCENDING")]
    waiting = firestore.find(topups.COLLECTION, ("status", "==", "pending"), order=newest, limit=1)
    return topups.of(waiting[0]) if waiting else None


def _provider_keys(local: state.State, *, forged: bool) -> dict[str, str]:
    """Return the provider's keys, or others under the same ids."""
    keys: dict[str, str] = json.loads(local_secrets.load(local.secrets)["PROVIDER_KEYS"])
    return {key_id: b64encode(secrets.token_bytes(32)).decode() for key_id in keys} if forged else keys


def _send(origin: str, sent: dict[str, Any], keys: dict[str, str]) -> str:
    """Send one report through the gateway, and return its status and answer."""
    body = json.dumps(sent).encode()
    headers = {"Content-Type": "application/json", "X-Signature": signature(keys, body)}
    request = urllib.request.Request(origin + PATH, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
            return f"{answer.status} {answer.read().decode()}"
    except urllib.error.HTTPError as problem:
        return f"{problem.code} {problem.read().decode()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
