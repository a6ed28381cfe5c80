"""The reconciliation's last reports, as it keeps them in Firestore, and passes that are asked for by hand."""

import json
from typing import Any

import aiohttp

from emulators.environment import PROJECT, deployments

DEPLOYMENT = "reconciliation-check"
KINDS = ("full", "nightly", "repair")
COLLECTION = "reconciliation_reports"
ANSWER_SECONDS = 10
# The emulator takes this word for whoever may do everything, whatever its rules say.
OWNER = {"Authorization": "Bearer owner"}


async def kept(parts: dict[str, Any], client: aiohttp.ClientSession) -> dict[str, Any]:
    """The last report of each kind with the time at which it was kept; a kind that has not run yet is left out."""
    url = f"{parts['firestore']['url']}/v1/projects/{PROJECT}/databases/(default)/documents/{COLLECTION}"
    async with client.get(url, headers=OWNER, timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)) as answer:
        documents = (await answer.json()).get("documents", [])
    return {document["name"].rsplit("/", 1)[-1]: _plain(document["fields"]) for document in documents}


async def run(kind: str, parts: dict[str, Any], client: aiohttp.ClientSession) -> dict[str, Any]:
    """Run the pass `kind` now and return its report; raises KeyError for a pass that there is not."""
    if kind not in KINDS:
        raise KeyError(kind)
    seconds = float(deployments()[DEPLOYMENT]["timeout_seconds"])
    url = parts[DEPLOYMENT]["url"]
    async with client.post(url, json={"pass": kind}, timeout=aiohttp.ClientTimeout(total=seconds)) as answer:
        report: dict[str, Any] = await answer.json(content_type=None)
    return report


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {"kept_at": fields["kept_at"]["timestampValue"], "report": json.loads(fields["report"]["stringValue"])}
