"""Half a year of random movements, made by the ledger's own routine and then spread over the days."""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pg8000.native import Connection

# Each movement is tried; one that the rules refuse (too little money) is left out, as in life.
MOVE = """
DO $$
DECLARE
    v_accounts uuid[] := ARRAY(SELECT id FROM ledger.accounts WHERE kind = 'user' ORDER BY id);
    v_kind double precision;
    v_id uuid;
    v_original ledger.transfers;
BEGIN
    PERFORM setseed(%(seed)s);
    FOR n IN 1..%(count)s LOOP
        v_kind := random();
        v_id := gen_random_uuid();
        BEGIN
            IF v_kind < 0.15 THEN
                PERFORM ledger.post(v_id, 'topup', ledger.settlement_account(v_id),
                    v_accounts[1 + floor(random() * cardinality(v_accounts))],
                    (10000 + floor(random() * 90000))::bigint, '', NULL);
            ELSIF v_kind < 0.2 THEN
                SELECT * INTO v_original FROM ledger.transfers WHERE kind = 'transfer'
                ORDER BY posted_at DESC OFFSET floor(random() * 20) LIMIT 1;
                PERFORM ledger.post(v_id, 'reversal', v_original.credit_account_id, v_original.debit_account_id,
                    v_original.amount, '', v_original.id);
            ELSE
                PERFORM ledger.post(v_id, 'transfer',
                    v_accounts[1 + floor(random() * cardinality(v_accounts))],
                    v_accounts[1 + floor(random() * cardinality(v_accounts))],
                    (1 + floor(random() * 30000))::bigint, '', NULL);
            END IF;
        EXCEPTION WHEN OTHERS THEN
            CONTINUE;
        END;
    END LOOP;
END $$
"""

# Time is stretched, not shuffled: what was later stays later, in the books and in the outbox.
STRETCH = "UPDATE {} SET {} = CAST(:m AS timestamptz) - (CAST(:m AS timestamptz) - {}) * CAST(:f AS double precision)"
STAMPED = {"ledger.transfers": "posted_at", "ledger.entries": "posted_at", "outbox.events": "occurred_at"}


def make(owner: Connection, movements: int, days: int) -> None:
    """Make at least `movements` movements and spread them over the `days` before now."""
    seed = random.Random(movements).random()
    while _count(owner) < movements:
        owner.run(MOVE % {"seed": seed, "count": movements // 4})
        seed = (seed + 0.1) % 1
    [[first, made]] = owner.run("SELECT min(posted_at), clock_timestamp() FROM ledger.transfers")
    factor = timedelta(days=days) / (made - first)
    owner.run("SET session_replication_role = replica")
    for table, column in STAMPED.items():
        owner.run(STRETCH.format(table, column, column), m=made, f=factor)
    owner.run("SET session_replication_role = origin")


def sums(owner: Connection, user_id: UUID, since: datetime, until: datetime) -> dict[str, Any]:
    """What the ledger itself says of a person's movements in a span."""
    rows = owner.run(
        """
        SELECT (e.posted_at AT TIME ZONE 'Asia/Jakarta')::date, t.kind, e.amount > 0, abs(e.amount), c.number
        FROM ledger.entries AS e
        JOIN ledger.accounts AS a ON a.id = e.account_id
        JOIN ledger.accounts AS c ON c.id = e.counterparty_id
        JOIN ledger.transfers AS t ON t.id = e.transfer_id AND t.debit_account_id IN (e.account_id, e.counterparty_id)
        WHERE a.user_id = :u AND e.posted_at >= :s AND e.posted_at < :e
        """,
        u=user_id, s=since, e=until,
    )  # fmt: skip
    by_day: dict[Any, list[int]] = {}
    by_kind: dict[tuple[str, str], list[int]] = {}
    people: dict[str, list[int]] = {}
    for day, kind, is_in, amount, number in rows:
        by_day.setdefault(day, [0, 0])[0 if is_in else 1] += amount
        total = by_kind.setdefault((kind, "in" if is_in else "out"), [0, 0])
        total[0], total[1] = total[0] + amount, total[1] + 1
        if kind == "transfer":
            person = people.setdefault(number, [0, 0, 0])
            person[0 if is_in else 1] += amount
            person[2] += 1
    return {"by_day": by_day, "by_kind": by_kind, "people": people, "count": len(rows)}


def _count(owner: Connection) -> int:
    return int(owner.run("SELECT count(*) FROM ledger.transfers")[0][0])
