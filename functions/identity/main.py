"""identity — who you are: registration, signing in, sessions, the profile and its secrets, PIN proofs.

POST   /v1/users                 public: register, open the wallet, sign in
POST   /v1/sessions              public: sign in
POST   /v1/sessions/refresh      the refresh cookie: a new access token and a new cookie
GET    /v1/sessions              where the caller is signed in
DELETE /v1/sessions              sign out everywhere else
DELETE /v1/sessions/current      sign out here
DELETE /v1/sessions/{id}         sign out one device
GET    /v1/me                    the profile
PATCH  /v1/me                    change the name
PUT    /v1/me/password           needs the current password
PUT    /v1/me/pin                needs the current PIN, or the password
GET    /v1/me/export             everything about the caller, as one file
POST   /v1/me/closure            close the account; needs the PIN and a balance of 0
POST   /v1/pin/proofs            the PIN, for a proof that is good for one payment
GET    /.well-known/jwks.json    public: the keys that tokens are verified by
"""

from typing import Annotated, Any
from uuid import UUID

import functions_framework
import msgspec
from flask import Request, Response

import cookies
import digests
import personal_data
import places
import sessions
import tokens
import users
from attempts import verify_pin
from pins import Pin
from shared import keys
from shared.auth import Caller
from shared.errors import Malformed
from shared.http import Reply, Router

router = Router()
# An instance that lacks a secret stops here, by its name, and not at somebody's sign-in.
digests.require_settings()
# Asking ourselves for our keys over HTTP would need a second thread for every first one.
keys.hold(tokens.verifying_keys())

# A password is at most 128 characters; a wrong one of any length is only wrong. Bodies are bounded.
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
Username = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
# Twice the 80 characters that are left at most, because spaces are folded first.
FullName = Annotated[str, msgspec.Meta(min_length=1, max_length=160)]


class NewUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that registering asks for."""

    username: Username
    password: Secret
    pin: Pin
    full_name: FullName
    keep_signed_in: bool = False


class NewSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What signing in asks for."""

    username: Username
    password: Secret
    keep_signed_in: bool = False


class ProfileChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a user may change of the profile."""

    full_name: FullName


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new password, and the one that it replaces."""

    current_password: Secret
    new_password: Secret


class PinChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new PIN, with the one that it replaces or with the password."""

    new_pin: Pin
    current_pin: Pin | msgspec.UnsetType = msgspec.UNSET
    password: Secret | msgspec.UnsetType = msgspec.UNSET


class Closure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The PIN, which closing the account needs."""

    pin: Pin


class NewPinProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The PIN, and the one payment that it is given for."""

    pin: Pin
    operation: tokens.Operation


@router.route("POST", "/v1/users", status=201, public=True)
def register(request: Request, body: NewUser) -> Reply:
    """Create a user and their wallet, and sign them in."""
    cookies.require_own_origin(request)
    username, full_name = users.require_username(body.username), users.normalise_name(body.full_name)
    place = places.of(request, keep_signed_in=body.keep_signed_in)
    return _signed_in(request, users.register(username, body.password, body.pin, full_name, place))


@router.route("POST", "/v1/sessions", status=201, public=True)
def sign_in(request: Request, body: NewSession) -> Reply:
    """Open a session for the right username and password."""
    cookies.require_own_origin(request)
    place = places.of(request, keep_signed_in=body.keep_signed_in)
    return _signed_in(request, users.sign_in(users.normalise_username(body.username), body.password, place))


@router.route("POST", "/v1/sessions/refresh", public=True)
def refresh(request: Request) -> Reply:
    """Change the refresh cookie for its successor and a new access token."""
    cookies.require_own_origin(request)
    renewed = sessions.renew(cookies.read_refresh(request))
    # failpoint: identity.rotated
    headers = cookies.write_refresh(renewed.token, keep_until=renewed.keep_until)
    return Reply(tokens.access_token(renewed.user_id, renewed.session_id), headers=headers)


@router.route("GET", "/v1/sessions")
def list_sessions(caller: Caller) -> dict[str, Any]:
    """List where the caller is signed in; the 20 that may be are one page."""
    return {"items": sessions.of(caller), "next_cursor": None}


@router.route("DELETE", "/v1/sessions")
def revoke_other_sessions(caller: Caller) -> Reply:
    """Sign the caller out everywhere but here."""
    sessions.revoke_others(caller)
    return Reply(status=204)


@router.route("DELETE", "/v1/sessions/current")
def sign_out(caller: Caller) -> Reply:
    """End this session and take its cookie away."""
    sessions.revoke(caller, caller.session_id)
    return Reply(status=204, headers=cookies.clear_refresh())


@router.route("DELETE", "/v1/sessions/{id}")
def revoke_session(caller: Caller, id: UUID) -> Reply:
    """Sign out one of the caller's devices."""
    sessions.revoke(caller, id)
    return Reply(status=204)


@router.route("GET", "/v1/me")
def read_profile(caller: Caller) -> users.User:
    """Return the caller's profile."""
    return users.find(caller)


@router.route("PATCH", "/v1/me")
def change_profile(caller: Caller, body: ProfileChange) -> users.User:
    """Change the caller's name."""
    return users.rename(caller, users.normalise_name(body.full_name))


@router.route("PUT", "/v1/me/password")
def change_password(request: Request, caller: Caller, body: PasswordChange) -> Reply:
    """Replace the password of a caller who knows it."""
    users.change_password(caller, body.current_password, body.new_password, places.source_of(request))
    return Reply(status=204)


@router.route("PUT", "/v1/me/pin")
def change_pin(request: Request, caller: Caller, body: PinChange) -> Reply:
    """Replace the PIN of a caller who knows it, or who knows the password."""
    match body.current_pin, body.password:
        case str() as current, msgspec.UNSET:
            users.change_pin(caller, current, body.new_pin)
        case msgspec.UNSET, str() as password:
            users.reset_pin(caller, password, body.new_pin, places.source_of(request))
        case _:
            raise Malformed("Give either current_pin or password")
    return Reply(status=204)


@router.route("GET", "/v1/me/export")
def export(caller: Caller) -> Response:
    """Return everything about the caller as one file."""
    return personal_data.export(caller)


@router.route("POST", "/v1/me/closure")
def close(caller: Caller, body: Closure) -> Reply:
    """Close the caller's account."""
    users.close(caller, body.pin)
    return Reply(status=204, headers=cookies.clear_refresh())


@router.route("POST", "/v1/pin/proofs", status=201)
def prove_pin(caller: Caller, body: NewPinProof) -> dict[str, Any]:
    """Check the PIN and sign that it was given for this payment."""
    verify_pin(caller, body.pin)
    # failpoint: identity.before_proof
    return {"proof": tokens.pin_proof(caller.user_id, body.operation), "expires_in": tokens.PROOF_SECONDS}


@router.route("GET", "/.well-known/jwks.json", public=True)
def publish_keys() -> Reply:
    """Return the public keys."""
    # As long as verifiers keep it; a rotation waits that long before a new key signs.
    return Reply(tokens.public_keys(), headers={"Cache-Control": f"public, max-age={keys.CACHE_SECONDS}"})


def _signed_in(request: Request, opened: users.SignIn) -> Reply:
    sessions.end_by_token(cookies.read_refresh(request))
    token = msgspec.to_builtins(tokens.access_token(opened.user.id, opened.session_id))
    body = {"user": opened.user, "account_number": opened.account_number, **token}
    return Reply(body, headers=cookies.write_refresh(opened.token, keep_until=opened.keep_until))


@functions_framework.http
def api(request: Request) -> Response:
    """Serve the routes above."""
    return router.dispatch(request)
