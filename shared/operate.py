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
    python -m shared.operate failures <network>  failed sign-ins that count against it: 203.0.113.7/32, or a /64
    python -m shared.operate settle <top-up id>  a top-up under review is credited, because a person has decided so
    python -m shared.operate verify <account id> <version>    the faults of its entries after that version; 0: of all
    python -m shared.operate reverse <transfer id> <account id debited> <amount> <note>    given back, once
    python -m shared.operate connections         how many each login holds
    python -m shared.operate sizes               the ten largest tables, with their indexes

In the cloud this is a Cloud Run job (docs/runbooks/pause.md shows the command), so that who did what
and when stands in the audit log, and nobody needs a database client. Its login is a member of
lite_operator and can do nothing else; connections and sizes are what Postgres tells every login.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from shared import config, db, ledger, log
from shared.ledger import chains, proving
from shared.problem import Problem
from shared.topups import repair

SPAN = "$1::timestamptz, $2::timestamptz"
REPLAY_EVENT = f"SELECT ledger.replay_events({SPAN}, $3) + outbox.replay_notices({SPAN}, $3)"
CONNECTIONS = """
    SELECT string_agg(format('%s %s', login, held), E'\\n' ORDER BY held DESC, login)
    FROM (SELECT usename AS login, count(*) AS held FROM pg_stat_activity WHERE datname IS NOT NULL GROUP BY 1) AS l
"""
SIZES = """
    SELECT string_agg(format('%s %s', name, pg_size_pretty(bytes)), E'\\n' ORDER BY bytes DESC, name)
    FROM (SELECT oid::regclass::text AS name, pg_total_relation_size(oid) AS bytes
          FROM pg_class WHERE relkind = 'r' AND relnamespace <> 'pg_catalog'::regnamespace
          ORDER BY 2 DESC LIMIT 10) AS t
"""
# An event's id is minted within the statement that stamps its time (outbox.mint_id), which ends within
# its 10 s (shared.migrate): six times that, on both sides because a server's clock may be set back.
EVENT_AGE_MAX = timedelta(minutes=1)
# How often a long walk tells how far it is: of stretches of a second each.
STRETCHES_TOLD = 10
# What a transfer's note may hold (openapi.yaml).
NOTE_LENGTH_MAX = 140
# Any constant serves, as long as it stays: a reversal's id follows from what it gives back.
REVERSALS = UUID("5f0c3c1e-1f0b-4a7e-9d1c-6f3a2b7d9e40")


def settle(top_up_id: str) -> str:
    """Credit a top-up under review and return how it then stands: the ledger may refuse as before.

    Its document's history names the job's execution, whose starter the audit log keeps. Raises
    ValueError, NotFound, or TopUpClosed where it is not under review.
    """
    execution = config.optional("CLOUD_RUN_EXECUTION") or "local"
    ended = repair.settle_reviewed(_uuid(top_up_id), by=f"operator:{execution}")
    return f"{ended.status} {ended.reason or ''}".strip()


def verify(account_id: str, after: str) -> str:
    """Return the faults of an account's entries after a version, a line for each.

    It is walked a stretch and statement at a time. A long walk writes up to where it is proved, with
    what was found, so that one that is cut off can be taken up from there. Raises ValueError for what
    is no account's id: it would be found without a fault.
    """
    account, proved = _uuid(account_id), _number(after)
    if account not in proving.versions([account]):
        raise ValueError(f"{account_id!r} is the id of no account: a finding of the books names them")
    faults: list[str] = []
    for count, batch in enumerate(chains.batches({account: proved}), start=1):
        faults += [f"version {found.version}: {found.fault}" for found in proving.verify_stretches(batch)]
        if count % STRETCHES_TOLD == 0:
            finding = "; ".join(faults) or "no fault"
            log.write("INFO", "proved up to a version", action="verify", count=batch[-1].until, finding=finding)
    return "\n".join(faults) or "no fault"


def replay_event(event_id: str) -> str:
    """Publish one event again, and return how many were found: 1 or 0. Raises ValueError for what is no event's id.

    The books know their events by time and not by id; an id of version 7 tells its own.
    """
    event = _uuid(event_id)
    if event.version != 7:
        raise ValueError(f"{event_id!r} is no event's id, which tell their time (version 7): replay <since> <until>")
    minted = datetime.fromtimestamp((event.int >> 80) / 1000, UTC)
    return _asked(REPLAY_EVENT, minted - EVENT_AGE_MAX, minted + EVENT_AGE_MAX, event)


def reverse(transfer_id: str, debit_account_id: str, amount: str, note: str) -> str:
    """Give `amount` rupiah of a transfer back to whom it was taken from, and return what was done.

    The reversal's id follows from the transfer, so whoever types it again is told of the first one
    and moves nothing. Raises ValueError, NotFound, AlreadyReversed, IdempotencyKeyReused (reversed
    before by another amount or note), InsufficientFunds (it has been spent), Paused.
    """
    if len(note) > NOTE_LENGTH_MAX:
        raise ValueError(f"A note has {NOTE_LENGTH_MAX} characters at most; both people read it")
    original, debited = _uuid(transfer_id), _uuid(debit_account_id)
    done = ledger.reverse(
        uuid5(REVERSALS, f"{original}/{debited}"),
        original=original, original_debit_account=debited, amount=_number(amount), note=note,
    )  # fmt: skip
    return f"{done.amount} of {original} given back by {done.id} at {done.posted_at:%Y-%m-%dT%H:%M:%SZ}"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ValueError(f"{text!r} is no id: ids of top-ups, accounts, transfers and events are UUIDs") from None


def _number(text: str) -> int:
    # int() itself takes signs, blanks and underscores.
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


# Each action: how many words follow it, and the statement or the function that does it.
ACTIONS: dict[str, tuple[int, str | Callable[..., str]]] = {
    "pause": (1, "SELECT ledger.pause($1)"),
    "resume": (0, "SELECT ledger.pause(NULL)"),
    "backlog": (0, "SELECT * FROM outbox.backlog()"),
    "retry": (0, "SELECT outbox.retry()"),
    "replay": (2, f"SELECT ledger.replay_events({SPAN}) + outbox.replay_notices({SPAN})"),
    "replay-event": (1, replay_event),
    "freeze": (1, "SELECT ledger.set_account_status($1, 'frozen')"),
    "unfreeze": (1, "SELECT ledger.set_account_status($1, 'active')"),
    "sign-out": (1, "SELECT identity.sign_out_user($1)"),
    "peppers": (0, "SELECT identity.count_digests()"),
    "failures": (1, "SELECT identity.count_failures($1)"),
    "settle": (1, settle),
    "verify": (2, verify),
    "reverse": (4, reverse),
    "connections": (0, CONNECTIONS),
    "sizes": (0, SIZES),
}


def operate(action: str, *words: str) -> str:
    """Do one action and return what was answered; raises ValueError for one that is not known, or the Problem."""
    expected, deed = ACTIONS.get(action, (-1, ""))
    if len(words) != expected:
        raise ValueError(f"{action} with {len(words)} words is none of: {', '.join(ACTIONS)}")
    answer = _asked(deed, *words) if isinstance(deed, str) else deed(*words)
    log.write("NOTICE", "operated", action=action)
    return answer


def _asked(statement: str, *values: object) -> str:
    (answer,) = db.call(statement, *values)
    return " ".join(str(value) for value in answer if value not in (None, ""))


def main(*words: str) -> None:
    """Do what the command line says; a refusal or a slip is one line and exit code 1, no stack of calls."""
    try:
        sys.stdout.write(operate(*words) + "\n")
    except Problem as problem:
        sys.exit(f"{problem.slug}: {problem.title} {problem.members or ''}".rstrip())
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
