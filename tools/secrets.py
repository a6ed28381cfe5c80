"""Make the secrets of a deployment and rotate them, without showing one.

    python -m tools.secrets fill --project=P               gives every secret that is still empty its first value
    python -m tools.secrets rotate NAME --project=P        takes the next step of a rotation (tools/rotation.py)
    python -m tools.secrets retire NAME --project=P        adds a version without the last key
    python -m tools.secrets rotate NAME                    every step, in the local system that runs

Values are made here, read from and written to Secret Manager through gcloud's standard input and
output, and kept nowhere else: not in Terraform's state, not in a file, not on a command line. What
each step means for people who are signed in stands in docs/runbooks/rotate-secrets.md.
"""

import argparse
import json
import subprocess

from emulators.environment import deployments
from emulators.secrets import MAKERS
from tools import local_rotation
from tools.rotation import retired, rotated


def names() -> list[str]:
    """Return the secrets that some deployment reads."""
    return sorted({name for deployment in deployments().values() for name in deployment["secrets"]})


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


def newest(project: str) -> dict[str, str]:
    """Return the number of each secret's newest enabled version; a secret that has none yet is left out."""
    return {name: version for name in names() if (version := _newest(project, name))}


def _newest(project: str, name: str) -> str:
    # Before the first deployment there is no secret to ask for, and in an empty project not even the API.
    look = ["gcloud", "secrets", "versions", "list", name, f"--project={project}", "--quiet", "--filter=state=ENABLED"]
    look += ["--sort-by=~createTime", "--limit=1", "--format=value(name.basename())"]
    asked = subprocess.run(look, capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL)
    return "" if asked.returncode else asked.stdout.strip()


def add(project: str, name: str, value: str) -> None:
    """Add a version to a secret."""
    gcloud("versions", "add", name, "--data-file=-", project=project, text=value)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Make and rotate the secrets of a deployment.")
    parser.add_argument("action", choices=["fill", "rotate", "retire"])
    parser.add_argument("name", nargs="?", choices=names())
    parser.add_argument("--project", help="without it: the running local system")
    parser.add_argument("--contact", help="an address for the browsers' push services")
    given = parser.parse_args()
    if not given.project:
        local_rotation.change(given.action, given.name)
        return
    if given.action == "fill":
        print("Filled: " + (", ".join(fill(given.project, given.contact)) or "none was empty"))
        return
    current = gcloud("versions", "access", "latest", f"--secret={given.name}", project=given.project)
    change = rotated if given.action == "rotate" else retired
    add(given.project, given.name, change(given.name, current))
    print(f"{given.name} has a new version; deploy, and instances read it when they start")


if __name__ == "__main__":
    main()
