"""The real books behind the simulation: one session, wiped before each example, questioned after each step."""

from typing import Any
from uuid import UUID

from pg8000.native import Connection

from tests.simulation.model import Account, Model, Posted

WIPE = """
SET session_replication_role = replica;
TRUNCATE ledger.transfers, ledger.entries, ledger.favourites, outbox.events;
RESET session_replication_role;
DELETE FROM ledger.accounts WHERE kind = 'user';
UPDATE ledger.accounts SET balance = 0, version = 0 WHERE kind = 'settlement' AND version > 0;
UPDATE ledger.tiers SET paused_reason = NULL;
UPDATE ledger.tiers SET transfer_amount_max = 10000000, daily_out_amount_max = 20000000, balance_max = 20000000
WHERE name = 'standard';
"""

# Each query returns no row while its invariant holds.
INVARIANTS = {
    "money is conserved": "SELECT sum(balance) FROM ledger.accounts HAVING sum(balance) <> 0",
    "every transfer sums to zero over two entries": """
        SELECT t.id FROM ledger.transfers AS t LEFT JOIN ledger.entries AS e ON e.transfer_id = t.id
             AND (e.account_id, e.version, e.counterparty_id) IN (
                 (t.debit_account_id, t.debit_version, t.credit_account_id),
                 (t.credit_account_id, t.credit_version, t.debit_account_id))
        GROUP BY t.id, t.debit_account_id, t.amount
        HAVING count(e) <> 2 OR sum(e.amount) <> 0 OR max(e.amount) <> t.amount""",
    "every entry belongs to a transfer": """
        SELECT e.account_id, e.version FROM ledger.entries AS e LEFT JOIN ledger.transfers AS t ON t.id = e.transfer_id
             AND t.debit_account_id IN (e.account_id, e.counterparty_id)
        GROUP BY e.account_id, e.version HAVING count(t) = 0""",
    "a balance is the sum of its entries": """
        SELECT a.id FROM ledger.accounts AS a LEFT JOIN ledger.entries AS e ON e.account_id = a.id
        GROUP BY a.id HAVING a.balance <> coalesce(sum(e.amount), 0) OR a.version <> count(e)""",
    "every account proves itself": """
        SELECT a.id, f.version, f.fault FROM ledger.accounts AS a, LATERAL ledger.verify_account(a.id) AS f
        WHERE a.version > 0""",
    "nobody is below the floor": "SELECT id FROM ledger.accounts WHERE kind = 'user' AND balance < 0",
    "each transfer has exactly one event, and each event its transfer": """
        SELECT t.id, e.id FROM ledger.transfers AS t FULL JOIN outbox.events AS e USING (event_id)
        WHERE t.id IS NULL OR e.id IS NULL OR e.occurred_at <> t.posted_at
           OR e.transfer_id <> t.id OR e.ordering_key <> t.debit_account_id::text""",
    "no event stands twice": "SELECT event_id FROM outbox.events GROUP BY event_id HAVING count(*) > 1",
}

FINGERPRINT = "SELECT " + ", ".join(
    f"(SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} AS t)"
    for table in ("ledger.accounts", "ledger.transfers", "ledger.entries", "outbox.events")
)


class Books:
    """The ledger's routines, and the questions that show whether the books are sound."""

    def __init__(self, connection: Connection) -> None:
        self.run = connection.run
        self.run("SET jit = off")
        # One question for all of them: a round trip for each would take longer than the answers.
        self.unsound_statement = connection.prepare(
            " UNION ALL ".join(
                f"SELECT '{name}', to_json(x)::text FROM ({sql}) AS x" for name, sql in INVARIANTS.items()
            )
        )
        self.fingerprint_statement = connection.prepare(FINGERPRINT)

    def wipe(self) -> None:
        """Start from empty books, which only a superuser with the triggers off can do."""
        for statement in WIPE.strip().split(";\n"):
            self.run(statement)

    def open(self, user_id: UUID) -> str:
        """A new wallet's number."""
        [[number]] = self.run("SELECT ledger.open_account(:u, 'Someone')", u=user_id)
        return str(number)

    def transfer(self, key: UUID, sender: UUID, number: str, amount: int, note: str) -> tuple[int, bool]:
        """ledger.transfer: (balance_after, replayed)."""
        sql = "CALL ledger.transfer(:i, :u, :n, :a, :m, NULL, NULL, NULL, NULL, NULL)"
        [row] = self.run(sql, i=key, u=sender, n=number, a=amount, m=note)
        return row[2], row[4]

    def settle(self, key: UUID, user_id: UUID, amount: int) -> None:
        """ledger.settle_top_up."""
        self.run("CALL ledger.settle_top_up(:i, :u, :a, NULL, NULL, NULL, NULL)", i=key, u=user_id, a=amount)

    def reverse(self, key: UUID, original: Posted, amount: int, note: str) -> None:
        """ledger.reverse, with the original named by its id and debited account."""
        debited = original.debit.user_id if original.debit else None
        [[account_id]] = self.run(
            "SELECT coalesce((SELECT id FROM ledger.accounts WHERE user_id = CAST(:u AS uuid)), ledger.settlement_account(:i))",
            u=debited,
            i=original.key,
        )
        sql = "SELECT * FROM ledger.reverse(:k, :i, :d, :a, :n)"
        self.run(sql, k=key, i=original.key, d=account_id, a=amount, n=note)

    def next_day(self) -> None:
        """Let everything that left have left yesterday."""
        self.run("UPDATE ledger.accounts SET out_on = out_on - 1 WHERE out_on > '-infinity'")

    def fingerprint(self) -> Any:
        """Everything that money has written."""
        return self.fingerprint_statement.run()

    def unsound(self) -> list[Any]:
        """The invariants that do not hold, with the rows that show it."""
        return list(self.unsound_statement.run())

    def differences(self, model: Model) -> list[tuple[Account, Any]]:
        """The accounts that differ from the model's."""
        rows = self.run(
            "SELECT number, balance, version, status, CASE WHEN out_on = (clock_timestamp() AT TIME ZONE 'Asia/Jakarta')::date"
            " THEN out_amount ELSE 0 END FROM ledger.accounts WHERE kind = 'user'"
        )
        shown = {row[0]: row[1:] for row in rows}
        expected = {a.number: [a.balance, a.version, a.status, a.out_amount] for a in model.accounts}
        return [
            (number, shown.get(number), expected[number])
            for number in expected
            if shown.get(number) != expected[number]
        ]
