"""Rotate a key or pepper of the running local system, all its steps, without one failed request.

    make secrets do="rotate SIGNING_KEYS"      also PASSWORD_PEPPERS, PIN_PEPPERS, PAY_TOKEN_KEYS …

Each step is rolled out as in the cloud: processes with the new value start beside those with the
old one, take over when they answer, and the old ones end what they have begun. Where time must
pass between two steps it is the product's clock that is watched, which the console at /__dev moves.
"""

import json
import os
import sys
import time
from collections.abc import Iterator

from emulators import secrets as store
from emulators.environment import deployments
from emulators.operate import surroundings
from emulators.state import State, from_environment
from tools.rotation import retired, rotated

# How long a verifier may keep the public keys (shared/keys.py, and Google's gateway), and how long a
# token may be used; with the seconds by which clocks may differ.
CACHED_SECONDS = 300 + 10
TOKEN_SECONDS = 600 + 10
# Two functions with two processes each start within a few seconds; a busy machine takes longer.
TAKEOVER_SECONDS = 120
POLL_SECONDS = 0.2


def change(action: str, name: str | None) -> None:
    """Do `rotate` or `retire` of one secret; ends the program with a sentence where it cannot."""
    state = from_environment()
    if name is None or action not in ("rotate", "retire"):
        sys.exit('Name a PROJECT=, or rotate one of the running local system: do="rotate SIGNING_KEYS".')
    if not state.is_ready():
        sys.exit("Nothing is running: `make run` first, or name a PROJECT.")
    state.processes()
    try:
        for sentence in _retire(state, name) if action == "retire" else _rotate(state, name):
            print(sentence, flush=True)
    except (ValueError, RuntimeError) as problem:
        sys.exit(str(problem))


def _rotate(state: State, name: str) -> Iterator[str]:
    yield _step(state, name, rotated(name, _value(state, name)))
    if name not in ("VAPID_KEY", "PROVIDER_KEYS"):
        if name == "SIGNING_KEYS":
            yield from _wait(state, CACHED_SECONDS, "until every verifier has seen the new key")
        yield _step(state, name, rotated(name, _value(state, name)))
    if name == "SIGNING_KEYS":
        yield from _wait(state, TOKEN_SECONDS, "until the last token of the old key has ended")
        yield from _retire(state, name)


def _retire(state: State, name: str) -> Iterator[str]:
    last = _ids(_value(state, name))[-1]
    if name.endswith("_PEPPERS") and (people := _people_on(state, name.partition("_")[0].lower(), last)):
        raise ValueError(f"{people} people still stand on pepper {last}: it moves at their next success.")
    yield _step(state, name, retired(name, _value(state, name)))


def _value(state: State, name: str) -> str:
    return store.load(state.secrets)[name]


def _step(state: State, name: str, value: str) -> str:
    """Keep the new value, roll it out, and return what there is now; the old value comes back where it cannot start."""
    before = _value(state, name)
    store.replace(state.secrets, name, value)
    try:
        _roll_out(state, [each for each, entry in deployments().items() if name in entry["secrets"]])
    except RuntimeError:
        store.replace(state.secrets, name, before)
        raise
    return f"{name}: {', '.join(_ids(value))} (the first is in use)"


def _roll_out(state: State, names: list[str]) -> None:
    """Ask the runner for new processes, and return when the old ones are gone; raises RuntimeError."""
    state.outcome.unlink(missing_ok=True)
    new = state.request.with_suffix(".new")
    new.write_text(json.dumps(names))
    new.replace(state.request)
    deadline = time.monotonic() + TAKEOVER_SECONDS
    while not state.outcome.exists():
        if time.monotonic() > deadline or not state.is_ready():
            raise RuntimeError("The running system did not take the new value.")
        time.sleep(POLL_SECONDS)
    if problem := state.outcome.read_text():
        raise RuntimeError(problem)


def _people_on(state: State, kind: str, version: str) -> int:
    """Return how many people's secrets of this kind (password, pin) were made with this pepper."""
    os.environ.update(surroundings(state.read()["deployments"]))
    from shared import operate

    counted = dict(each.rsplit(": ", 1) for each in operate.operate("peppers").split(", ") if ": " in each)
    return int(counted.get(f"{kind} {version}", 0))


def _wait(state: State, seconds: int, why: str) -> Iterator[str]:
    os.environ["CLOCK_OFFSET_SECONDS_FILE"] = str(state.clock)
    os.environ["ENVIRONMENT"] = "local"
    from shared import clock

    until = clock.unix_time() + seconds
    yield f"waiting {seconds} s {why}"
    while clock.unix_time() < until:
        time.sleep(POLL_SECONDS)


def _ids(value: str) -> list[str]:
    keys = json.loads(value)
    return [str(key["kid"]) for key in keys] if isinstance(keys, list) else list(keys)
