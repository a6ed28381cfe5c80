"""Make the secrets of a deployment and rotate them, without showing one.

    python -m tools.secrets fill --project=P               gives every secret that is still empty its first value
    python -m tools.secrets rotate NAME --project=P        adds a version with a new key; what is in use stays valid
    python -m tools.secrets retire NAME --project=P        adds a version without the oldest key

Values are made here, read from and written to Secret Manager through gcloud's standard input and
output, and kept nowhere else: not in Terraform's state, not in a file, not on a command line. What
each step means for people who are signed in stands in docs/runbooks/rotate-secrets.md.
"""

import argparse
import json
import subprocess
from typing import Any

from emulators.environment import deployments
from emulators.secrets import MAKERS

# Pay tokens in use may be of the current key or of the one before it, never older (they live 15 minutes).
PAY_TOKEN_KEYS_MAX = 2


def names() -> list[str]:
    """Return the secrets that some deployment reads."""
    return sorted({name for deployment in deployments().values() for name in deployment["secrets"]})


def rotated(name: str, value: str) -> str:
    """Return the secret's next value: a new key beside the old ones, in the place that its rule gives it."""
    old, new = json.loads(value), json.loads(MAKERS[name]())
    if name == "VAPID_KEY":
        # One key, which browsers know our pushes by: with a new one they must subscribe again.
        return json.dumps({**new, "subject": old["subject"]})
    if name == "SIGNING_KEYS":
        return json.dumps(_signing(old, new))
    fresh = next(iter(new.values()))
    if name.endswith("_PEPPERS"):
        # The highest number is used for new hashes; old hashes need their own pepper until the next sign-in.
        return json.dumps({**old, str(max(map(int, old)) + 1): fresh})
    keys = {_next_id(list(old)): fresh, **old}
    return json.dumps(dict(list(keys.items())[:PAY_TOKEN_KEYS_MAX]) if name == "PAY_TOKEN_KEYS" else keys)


def _signing(old: list[Any], new: list[Any]) -> list[Any]:
    """First publish, then sign: a key that verifiers have not fetched yet must not sign.

    One key: the new one is added behind it (published, not used). Two keys: they change places.
    """
    return [*old, *new] if len(old) == 1 else [*old[1:], old[0]]


def _next_id(ids: list[str]) -> str:
    """Return p3 after p1 and p2: the letters of the ids, and one more than their highest number."""
    letters = ids[0].rstrip("0123456789")
    return f"{letters}{max(int(found.removeprefix(letters) or 0) for found in ids) + 1}"


def retired(name: str, value: str) -> str:
    """Return the secret's value without its oldest key; raises ValueError where only one is left."""
    keys = json.loads(value)
    if name == "VAPID_KEY" or len(keys) < 2:
        raise ValueError(f"{name} has one key, and something must use it")
    if isinstance(keys, list):
        return json.dumps(keys[:-1])
    oldest = min(keys, key=int) if name.endswith("_PEPPERS") else list(keys)[-1]
    return json.dumps({key: keys[key] for key in keys if key != oldest})


def gcloud(*words: str, project: str, text: str | None = None) -> str:
    """Run `gcloud secrets …` and return what it says; a value travels on standard input only."""
    command = ["gcloud", "secrets", *words, f"--project={project}"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=120).stdout.strip()


def first(name: str, contact: str | None) -> str:
    """Return a secret's first value; `contact` is whom the browsers' push services may write to."""
    value = MAKERS[name]()
    return (
        json.dumps({**json.loads(value), "subject": f"mailto:{contact}"}) if name == "VAPID_KEY" and contact else value
    )


def fill(project: str, contact: str | None) -> list[str]:
    """Give each secret without an enabled version its first value; return their names."""
    filled = []
    for name in names():
        if not gcloud("versions", "list", name, "--filter=state=ENABLED", "--format=value(name)", project=project):
            add(project, name, first(name, contact))
            filled.append(name)
    return filled


def add(project: str, name: str, value: str) -> None:
    """Add a version to a secret."""
    gcloud("versions", "add", name, "--data-file=-", project=project, text=value)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Make and rotate the secrets of a deployment.")
    parser.add_argument("action", choices=["fill", "rotate", "retire"])
    parser.add_argument("name", nargs="?", choices=names())
    parser.add_argument("--project", required=True)
    parser.add_argument("--contact", help="an address for the browsers' push services")
    given = parser.parse_args()
    if given.action == "fill":
        print("Filled: " + (", ".join(fill(given.project, given.contact)) or "none was empty"))
        return
    current = gcloud("versions", "access", "latest", f"--secret={given.name}", project=given.project)
    change = rotated if given.action == "rotate" else retired
    add(given.project, given.name, change(given.name, current))
    print(f"{given.name} has a new version; deploy, and instances read it when they start")


if __name__ == "__main__":
    main()
