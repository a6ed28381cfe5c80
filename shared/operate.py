"""operate — what a person with a runbook in hand does to the running system.

    python -m shared.operate pause <reason>      every money route answers 503 until resume
    python -m shared.operate resume
    python -m shared.operate backlog             events that wait, age of the oldest, events given up
    python -m shared.operate retry               events given up are tried again
    python -m shared.operate replay <since> <until>    what was published is published again, up to 500,000 at once
    python -m shared.operate replay-event <event id>
    python -m shared.operate freeze|unfreeze <account number>
    python -m shared.operate sign-out <account number>    every session of its holder ends

In the cloud this is a Cloud Run job (docs/runbooks/pause.md shows the command), so that who did what
and when stands in the audit log, and nobody needs a database client. Its login is a member of
lite_operator and can do nothing else.
"""

import sys

from shared import db, log

SPAN = "$1::timestamptz, $2::timestamptz"
EVER = "'-infinity', 'infinity'"

# Each action: how many words follow it, and the statement that does it.
ACTIONS: dict[str, tuple[int, str]] = {
    "pause": (1, "SELECT ledger.pause($1)"),
    "resume": (0, "SELECT ledger.pause(NULL)"),
    "backlog": (0, "SELECT * FROM outbox.backlog()"),
    "retry": (0, "SELECT outbox.retry()"),
    "replay": (2, f"SELECT ledger.replay_events({SPAN}) + outbox.replay_notices({SPAN})"),
    "replay-event": (1, f"SELECT ledger.replay_events({EVER}, $1) + outbox.replay_notices({EVER}, $1)"),
    "freeze": (1, "SELECT ledger.set_account_status($1, 'frozen')"),
    "unfreeze": (1, "SELECT ledger.set_account_status($1, 'active')"),
    "sign-out": (1, "SELECT identity.sign_out_user($1)"),
}


def operate(action: str, *words: str) -> str:
    """Do one action and return what the database answered; raises ValueError for one that is not known."""
    expected, statement = ACTIONS.get(action, (-1, ""))
    if len(words) != expected:
        raise ValueError(f"{action} with {len(words)} words is none of: {', '.join(ACTIONS)}")
    (answer,) = db.call(statement, *words)
    log.write("NOTICE", "operated", action=action)
    return " ".join(str(value) for value in answer if value not in (None, ""))


if __name__ == "__main__":
    sys.stdout.write(operate(*sys.argv[1:]) + "\n")
