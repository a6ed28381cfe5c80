"""The books of a running system from behind: to fill a history quickly, and to age it."""

from uuid import UUID, uuid4

from pg8000.native import Connection

from tests.running import Run, owner_of


def user_of(connection: Connection, account_number: str) -> UUID:
    """Whose account it is."""
    [[user_id]] = connection.run("SELECT user_id FROM ledger.accounts WHERE number = :number", number=account_number)
    return UUID(str(user_id))


def pay_many(running: Run, sender: str, payee: str, amounts: list[int], note: str) -> None:
    """Post one transfer for each of `amounts` by the functions' own routine, without asking for a PIN."""
    with owner_of(running) as connection:
        user_id = user_of(connection, sender)
        for number, amount in enumerate(amounts, 1):
            connection.run(
                "CALL ledger.transfer(:id, :user, :payee, :amount, :note, NULL, NULL, NULL, NULL, NULL)",
                id=uuid4(), user=user_id, payee=payee, amount=amount, note=f"{note} {number}",
            )  # fmt: skip


def spread_over_days(running: Run, account_number: str, per_day: int) -> None:
    """Move the entries of an account, and their transfers, back in time: so many on each day, the newest today.

    The books refuse it, as they must; their owner has the trigger look away.
    """
    older = (
        "WITH aged AS (SELECT e.transfer_id, (row_number() OVER (ORDER BY e.version DESC) - 1) / :per_day AS days"
        " FROM ledger.entries AS e JOIN ledger.accounts AS a ON a.id = e.account_id WHERE a.number = :number)"
    )
    with owner_of(running) as connection:
        connection.run("SET session_replication_role = replica")
        for table, key in (("transfers", "id"), ("entries", "transfer_id")):
            connection.run(
                f"{older} UPDATE ledger.{table} AS t SET posted_at = posted_at - make_interval(days => aged.days::int)"
                f" FROM aged WHERE t.{key} = aged.transfer_id",
                number=account_number, per_day=per_day,
            )  # fmt: skip


def give_back(running: Run, transfer_id: str, sender: str, amount: int) -> str:
    """Reverse a transfer as an operator does, and return the reversal's id."""
    reversal_id = uuid4()
    with owner_of(running) as connection:
        connection.run(
            "SELECT ledger.reverse(:id, :original, id, :amount, 'Salah kirim') FROM ledger.accounts WHERE number = :number",
            id=reversal_id, original=transfer_id, amount=amount, number=sender,
        )  # fmt: skip
    return str(reversal_id)
