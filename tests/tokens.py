"""Access tokens and PIN proofs as `identity` would sign them, for tests of the other functions."""

import json
import time
from uuid import UUID, uuid4

import jwt

from emulators.environment import TOKEN_ISSUER

ACCESS_SECONDS = 900
PROOF_SECONDS = 120


class Signer:
    """Signs with the first key of SIGNING_KEYS."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self.key = json.loads(secrets["SIGNING_KEYS"])[0]

    def sign(self, claims: dict[str, object], kind: str, **headers: str) -> str:
        """A JWT with exactly these claims, of the type `kind`."""
        key = jwt.PyJWK(self.key, algorithm="ES256").key
        return jwt.encode(claims, key, algorithm="ES256", headers={"typ": kind, "kid": self.key["kid"], **headers})

    def claims(self, user_id: UUID, audience: str, seconds: int, **more: object) -> dict[str, object]:
        """The claims that every token of ours carries, and `more`."""
        now = int(time.time())
        common = {"iss": TOKEN_ISSUER, "aud": audience, "sub": str(user_id), "jti": str(uuid4())}
        return {**common, "iat": now, "exp": now + seconds, **more}

    def access_token(self, user_id: UUID, session_id: UUID | None = None, **more: object) -> str:
        """An access token of `user_id`, as `POST /v1/sessions` gives it."""
        claims = self.claims(user_id, "e-wallet-lite", ACCESS_SECONDS, sid=str(session_id or uuid4()))
        return self.sign(claims | more, "at+jwt")

    def bearer(self, user_id: UUID) -> dict[str, str]:
        """The Authorization header of `user_id`."""
        return {"Authorization": f"Bearer {self.access_token(user_id)}"}

    def pin_proof(self, user_id: UUID, operation: UUID, payee: str, amount: int, **more: object) -> str:
        """A PIN proof for one transfer, as `POST /v1/pin/proofs` gives it."""
        operation_claim = {"type": "transfer", "id": str(operation), "to_account": payee, "amount": amount}
        claims = self.claims(user_id, "e-wallet-lite/pin-proof", PROOF_SECONDS, op=operation_claim)
        return self.sign(claims | more, "pin-proof+jwt")
