"""Send each function's traffic back to the revision that served before the newest.

    python -m tools.rollback --project=P --region=R [deployment …]        all deployments where none is named
    … --since=2026-11-22T09:41:00Z        leaves those alone whose serving revision is older than that moment

A deployment gives a new revision only to what it changes: whoever takes one back says when it began,
or the others would lose the release before as well. Only traffic moves, in seconds; nothing is
built. The next deployment moves it to the newest again.
"""

import argparse
import json
import subprocess
from datetime import datetime
from typing import Any

from emulators.environment import deployments


def previous(revisions: list[dict[str, Any]], serving: str) -> str | None:
    """Return the newest ready revision that is older than `serving`, or None where there is none."""
    newest_first = sorted(revisions, key=lambda one: str(one["metadata"]["creationTimestamp"]), reverse=True)
    names = [one["metadata"]["name"] for one in newest_first if is_ready(one) or one["metadata"]["name"] == serving]
    older = names[names.index(serving) + 1 :]
    return older[0] if older else None


def born(revisions: list[dict[str, Any]], name: str) -> datetime:
    """Return when a revision was made."""
    (when,) = [one["metadata"]["creationTimestamp"] for one in revisions if one["metadata"]["name"] == name]
    return datetime.fromisoformat(when)


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


def go_back(name: str, where: list[str], since: datetime | None) -> str:
    """Move one deployment's traffic to the revision before, and return what was done."""
    now = serving(ask("services", "describe", name, *where))
    revisions = ask("revisions", "list", f"--service={name}", *where)
    if since and born(revisions, now) < since:
        return f"{now} is older than the deployment; left alone"
    target = previous(revisions, now)
    if target is None:
        return f"{now} is the oldest; nothing to go back to"
    ask("services", "update-traffic", name, f"--to-revisions={target}=100", *where)
    return f"{now} → {target}"


def main() -> None:
    """Roll back what the command line names."""
    parser = argparse.ArgumentParser(description="Send traffic back to the revision before.")
    parser.add_argument("names", nargs="*", metavar="deployment", help="as functions/deployments.json names it")
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--since", type=datetime.fromisoformat, help="when the deployment began, with its zone")
    given = parser.parse_args()
    if unknown := set(given.names) - deployments().keys():
        parser.error(f"no such deployment: {', '.join(unknown)}")
    where = [f"--project={given.project}", f"--region={given.region}"]
    for name in given.names or deployments():
        print(f"{name}: {go_back(name, where, given.since)}")


if __name__ == "__main__":
    main()
