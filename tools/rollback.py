"""Send each function's traffic back to the revision that served before the newest.

    python -m tools.rollback --project=P --region=R [deployment …]        all deployments where none is named

Only traffic moves, in seconds; nothing is built. The next deployment moves it to the newest again.
"""

import argparse
import json
import subprocess
from typing import Any

from emulators.environment import deployments


def previous(revisions: list[dict[str, Any]], serving: str) -> str | None:
    """Return the newest ready revision that is older than `serving`, or None where there is none."""
    newest_first = sorted(revisions, key=lambda one: str(one["metadata"]["creationTimestamp"]), reverse=True)
    names = [one["metadata"]["name"] for one in newest_first if is_ready(one) or one["metadata"]["name"] == serving]
    older = names[names.index(serving) + 1 :]
    return older[0] if older else None


def is_ready(revision: dict[str, Any]) -> bool:
    """Return whether a revision can serve."""
    conditions = {one["type"]: one["status"] for one in revision["status"].get("conditions", [])}
    return conditions.get("Ready") == "True"


def serving(service: dict[str, Any]) -> str:
    """Return the revision that has the most of a service's traffic."""
    traffic = max(service["status"]["traffic"], key=lambda one: int(one.get("percent", 0)))
    return str(traffic["revisionName"])


def ask(*words: str) -> Any:
    """Run `gcloud run …` and return its answer."""
    command = ["gcloud", "run", *words, "--format=json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)


def main() -> None:
    """Roll back what the command line names."""
    parser = argparse.ArgumentParser(description="Send traffic back to the revision before.")
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", required=True)
    given = parser.parse_args()
    where = [f"--project={given.project}", f"--region={given.region}"]
    for name in given.names or deployments():
        now = serving(ask("services", "describe", name, *where))
        target = previous(ask("revisions", "list", f"--service={name}", *where), now)
        if target is None:
            print(f"{name}: {now} is the oldest; nothing to go back to")
            continue
        ask("services", "update-traffic", name, f"--to-revisions={target}=100", *where)
        print(f"{name}: {now} → {target}")


if __name__ == "__main__":
    main()
