"""operate — what a person with a runbook in hand does to the running system.

    python -m shared.operate pause <reason>      every money route answers 503 until resume
    python -m shared.operate resume
    python -m shared.operate backlog             events that wait, age of the oldest, events given up
    python -m shared.operate retry               events given up are tried again
    python -m shared.operate replay <since> <until>    what was published is published again, up to 500,000 at once
    python -m shared.operate replay-event <event id>
    python -m shared.operate freeze|unfreeze <account number>
    python -m shared.operate sign-out <account number>    every session of its holder ends
    python -m shared.operate peppers             how many passwords and PINs stand on which pepper
    python -m shared.operate settle <top-up id>  a top-up under review is credited, because a person has decided so

In the cloud this is a Cloud Run job (docs/runbooks/pause.md shows the command), so that who did what
and when stands in the audit log, and nobody needs a database client. Its login is a member of
lite_operator and can do nothing else.
"""

import sys
from collections.abc import Callable
from uuid import UUID

from shared import config, db, log
from shared.problem import Problem
from shared.topups import repair

SPAN = "$1::timestamptz, $2::timestamptz"
EVER = "'-infinity', 'infinity'"


def settle(top_up_id: str) -> str:
    """Credit a top-up under review and return how it then stands: the ledger may refuse as before.

    Its document's history names the job's execution, whose starter the audit log keeps. Raises
    ValueError, NotFound, or TopUpClosed where it is not under review.
    """
    try:
        wanted = UUID(top_up_id)
    except ValueError:
        raise ValueError("A top-up's id is a UUID") from None
    execution = config.optional("CLOUD_RUN_EXECUTION") or "local"
    ended = repair.settle_reviewed(wanted, by=f"operator:{execution}")
    return f"{ended.status} {ended.reason or ''}".strip()


# Each action: how many words follow it, and the statement or the function that does it.
ACTIONS: dict[str, tuple[int, str | Callable[..., str]]] = {
    "pause": (1, "SELECT ledger.pause($1)"),
    "resume": (0, "SELECT ledger.pause(NULL)"),
    "backlog": (0, "SELECT * FROM outbox.backlog()"),
    "retry": (0, "SELECT outbox.retry()"),
    "replay": (2, f"SELECT ledger.replay_events({SPAN}) + outbox.replay_notices({SPAN})"),
    "replay-event": (1, f"SELECT ledger.replay_events({EVER}, $1) + outbox.replay_notices({EVER}, $1)"),
    "freeze": (1, "SELECT ledger.set_account_status($1, 'frozen')"),
    "unfreeze": (1, "SELECT ledger.set_account_status($1, 'active')"),
    "sign-out": (1, "SELECT identity.sign_out_user($1)"),
    "peppers": (0, "SELECT identity.count_digests()"),
    "settle": (1, settle),
}


def operate(action: str, *words: str) -> str:
    """Do one action and return what was answered; raises ValueError for one that is not known, or the Problem."""
    expected, deed = ACTIONS.get(action, (-1, ""))
    if len(words) != expected:
        raise ValueError(f"{action} with {len(words)} words is none of: {', '.join(ACTIONS)}")
    answer = _asked(deed, *words) if isinstance(deed, str) else deed(*words)
    log.write("NOTICE", "operated", action=action)
    return answer


def _asked(statement: str, *words: str) -> str:
    (answer,) = db.call(statement, *words)
    return " ".join(str(value) for value in answer if value not in (None, ""))


def main(*words: str) -> None:
    """Do what the command line says; a refusal is one line and exit code 1, no stack of calls."""
    try:
        sys.stdout.write(operate(*words) + "\n")
    except Problem as problem:
        sys.exit(f"{problem.slug}: {problem.title} {problem.members or ''}".rstrip())


if __name__ == "__main__":
    main(*sys.argv[1:])
