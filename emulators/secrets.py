"""The secrets of one local run, made once and kept in a file that its owner alone may read."""

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

KEY_BYTES = 32


def load(file: Path) -> dict[str, str]:
    """The secrets of `file` as environment variables, made now where the file is missing or lacks one."""
    known = json.loads(file.read_text()) if file.exists() else {}
    complete = {name: known.get(name) or make() for name, make in MAKERS.items()}
    if complete != known:
        _write(file, complete)
    return complete


def replace(file: Path, name: str, value: str) -> None:
    """Keep another value of one secret."""
    _write(file, load(file) | {name: value})


def generate() -> dict[str, str]:
    """Fresh secrets that are kept nowhere: for a test session."""
    return {name: make() for name, make in MAKERS.items()}


def public_keys(secret: dict[str, str]) -> dict[str, Any]:
    """The JWKS of the public halves of SIGNING_KEYS."""
    private = {"d"}
    keys = json.loads(secret["SIGNING_KEYS"])
    return {"keys": [{name: value for name, value in key.items() if name not in private} for key in keys]}


def _write(file: Path, values: dict[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        json.dump(values, output, indent=1)
    new.replace(file)


def _signing_keys() -> str:
    jwk = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    return json.dumps([jwk | {"kid": secrets.token_hex(4), "alg": "ES256", "use": "sig"}])


def _keyed(identifier: str) -> str:
    return json.dumps({identifier: base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()})


def _vapid_key() -> str:
    """A key of a push sender (RFC 8292) and whom a push service can write to."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_numbers().private_value.to_bytes(KEY_BYTES, "big")
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    halves = {"private": private, "public": point}
    encoded = {name: base64.urlsafe_b64encode(half).decode().rstrip("=") for name, half in halves.items()}
    return json.dumps(encoded | {"subject": "mailto:push@e-wallet-lite.example"})


MAKERS = {
    "SIGNING_KEYS": _signing_keys,
    "PASSWORD_PEPPERS": lambda: _keyed("1"),
    "PIN_PEPPERS": lambda: _keyed("1"),
    "PAY_TOKEN_KEYS": lambda: _keyed("p1"),
    "PROVIDER_KEYS": lambda: _keyed("bank1"),
    "VAPID_KEY": _vapid_key,
    "DATABASE_PASSWORD": lambda: secrets.token_urlsafe(24),
}
