"""The routines that move money, each by the contract on top of its file."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from tests.days import midnight, today
from tests.integration.ledger.conftest import refused


class TestTransfer:
    def test_writes_one_transfer_two_entries_and_one_event(self, books, pair):
        """The entries sum to zero, each shows its account's balance, and the event tells the same."""
        sender, payee = pair
        key = uuid4()

        answer = books.transfer(sender, payee.number, 30_000, "sewa", key)

        assert answer[:3] == [sender.number, "Budi Santoso", 70_000]
        assert answer[4] is False
        entries = books.run(
            "SELECT amount, balance_after, posted_at FROM ledger.entries WHERE transfer_id = :i ORDER BY amount", i=key
        )
        assert [row[:2] for row in entries] == [[-30_000, 70_000], [30_000, 30_000]]
        assert {row[2] for row in entries} == {answer[3]}
        events = books.run(
            "SELECT ledger.event_of(e.transfer_id, e.ordering_key), e.occurred_at = t.posted_at, e.topic, e.event_type, e.ordering_key, t.debit_account_id::text"
            " FROM outbox.events AS e JOIN ledger.transfers AS t USING (event_id) WHERE t.id = :i",
            i=key,
        )
        [[payload, same_time, topic, event_type, ordering_key, debit_account_id]] = events
        assert same_time
        assert (topic, event_type, ordering_key) == ("wallet-events", "transfer.posted", debit_account_id)
        assert payload == {
            "transfer_id": str(key),
            "kind": "transfer",
            "amount": 30_000,
            "currency": "IDR",
            "debit_account_id": str(books.account_id(sender)),
            "credit_account_id": str(books.account_id(payee)),
            "debit_user_id": str(sender.user_id),
            "credit_user_id": str(payee.user_id),
            "debit_balance_after": 70_000,
            "credit_balance_after": 30_000,
        }

    def test_event_ids_are_uuids_of_version_seven(self, books, pair):
        """An event's id is ordered by its time and never repeats."""
        sender, payee = pair
        for _ in range(5):
            books.transfer(sender, payee.number, 1)
        found = [
            UUID(str(event_id))
            for [event_id] in books.run("SELECT event_id FROM ledger.transfers ORDER BY posted_at DESC LIMIT 5")
        ]
        assert {event_id.version for event_id in found} == {7}
        assert len(set(found)) == 5
        assert abs((found[0].int >> 80) / 1000 - datetime.now(UTC).timestamp()) < 60

    def test_replays_the_first_answer(self, books, pair):
        """Equal arguments move nothing again and get what the first call got, whatever came between."""
        sender, payee = pair
        key = uuid4()
        first = books.transfer(sender, payee.number, 30_000, "a", key)
        books.transfer(sender, payee.number, 70_000)
        books.run("SELECT ledger.set_account_status(:n, 'frozen')", n=sender.number)
        before = books.everything()

        again = books.transfer(sender, payee.number, 30_000, "a", key)

        assert again == [*first[:4], True]
        assert books.everything() == before

    @pytest.mark.parametrize("change", ["payee", "amount", "note"])
    def test_refuses_a_key_that_names_another_transfer(self, books, pair, open_wallet, change):
        """LW003, and nothing is written."""
        sender, payee = pair
        key = uuid4()
        books.transfer(sender, payee.number, 10, "a", key)
        other = open_wallet().number if change == "payee" else payee.number
        before = books.everything()

        with refused("LW003"):
            books.transfer(sender, other, 11 if change == "amount" else 10, "b" if change == "note" else "a", key)

        assert books.everything() == before

    def test_a_key_that_names_a_transfer_to_somebody_unknown_now_is_reused(self, books, pair):
        """A number that nobody has differs from the payee that the key names."""
        sender, payee = pair
        key = uuid4()
        books.transfer(sender, payee.number, 10, "a", key)
        with refused("LW003"):
            books.transfer(sender, "100000000008", 10, "a", key)

    @pytest.mark.parametrize(
        ("code", "amount"), [("LW002", 100_001), ("LW006", 10_000_001)], ids=["insufficient funds", "limit"]
    )
    def test_a_refusal_changes_nothing_at_all(self, books, pair, code, amount):
        """No row of any table differs after a refusal, and the key stays free."""
        sender, payee = pair
        key = uuid4()
        before = books.everything()
        with refused(code):
            books.transfer(sender, payee.number, amount, "", key)
        assert books.everything() == before
        assert books.transfer(sender, payee.number, 1, "", key)[4] is False

    def test_names_the_missing_amount(self, books, pair):
        """LW002 carries the balance and what is short of the amount."""
        sender, payee = pair
        with refused("LW002") as refusal:
            books.transfer(sender, payee.number, 100_007)
        assert refusal.members == {"balance": 100_000, "short_by_amount": 7}

    def test_refuses_an_unknown_payee_the_sender_and_an_unknown_user(self, books, pair, open_wallet):
        """LW001, LW004 and LW008."""
        sender, payee = pair
        with refused("LW001"):
            books.transfer(sender, "100000000008", 1)
        with refused("LW004"):
            books.transfer(sender, sender.number, 1)
        with refused("LW008"):
            books.transfer(sender._replace(user_id=uuid4()), payee.number, 1)

    @pytest.mark.parametrize("amount", [0, -1])
    def test_the_database_itself_refuses_an_amount_that_is_not_positive(self, books, pair, amount):
        """Even a caller that checks nothing cannot turn a payment round."""
        sender, payee = pair
        before = books.everything()
        with refused("23514"):
            books.transfer(sender, payee.number, amount)
        assert books.everything() == before

    @pytest.mark.parametrize("side", [0, 1], ids=["sender", "payee"])
    @pytest.mark.parametrize("status", ["frozen", "closed"])
    def test_refuses_an_account_that_may_not_move(self, books, open_wallet, side, status):
        """LW005 for a frozen or closed account on either side."""
        people = [open_wallet(balance=10), open_wallet(balance=10)]
        books.run("UPDATE ledger.accounts SET status = :s WHERE number = :n", s=status, n=people[side].number)
        with refused("LW005"):
            books.transfer(people[0], people[1].number, 1)

    def test_says_that_the_same_key_is_being_worked_on(self, books, pair, postgres, database):
        """LW007 at once, instead of a queue on the key."""
        sender, payee = pair
        key = uuid4()
        other = postgres.connect(database)
        other.run("BEGIN")
        other.run("SELECT * FROM ledger.post_transfer(:i, :u, :n, 1, '')", i=key, u=sender.user_id, n=payee.number)
        with refused("LW007"):
            books.transfer(sender, payee.number, 1, "", key)
        other.run("COMMIT")
        other.close()
        assert books.transfer(sender, payee.number, 1, "", key)[4] is True

    def test_stops_while_paused(self, books, pair):
        """LW012 for transfers and top-ups alike, until the operator lets them go on."""
        sender, payee = pair
        books.run("SELECT ledger.pause('drill')")
        with refused("LW012"):
            books.transfer(sender, payee.number, 1)
        with refused("LW012"):
            books.settle(payee.user_id, 10_000)
        books.run("SELECT ledger.pause(NULL)")
        books.transfer(sender, payee.number, 1)

    def test_stamps_under_the_lock(self, books, pair):
        """Within an account time never runs against the version."""
        sender, payee = pair
        for _ in range(20):
            books.transfer(sender, payee.number, 1)
        rows = books.run(
            "SELECT version, posted_at FROM ledger.entries WHERE account_id = :a ORDER BY version",
            a=books.account_id(payee),
        )
        assert [version for version, _ in rows] == list(range(1, 21))
        assert [at for _, at in rows] == sorted(at for _, at in rows)


class TestLimits:
    def test_per_transfer_and_per_day(self, books, open_wallet):
        """LW006 names the limit, what is left and when the day ends in Asia/Jakarta."""
        today(lasting=10)
        sender, payee = open_wallet(balance=20_000_000), open_wallet()
        with refused("LW006") as refusal:
            books.transfer(sender, payee.number, 10_000_001)
        expected = {"limit": "per_transfer_amount", "left_amount": 10_000_000, "resets_at": None}
        assert refusal.members == expected

        books.run("UPDATE ledger.tiers SET daily_out_amount_max = 1000000 WHERE name = 'standard'")
        books.transfer(sender, payee.number, 999_999)
        with refused("LW006") as refusal:
            books.transfer(sender, payee.number, 2)
        books.transfer(sender, payee.number, 1)
        books.run("UPDATE ledger.tiers SET daily_out_amount_max = 20000000 WHERE name = 'standard'")
        assert refusal.members == {
            "limit": "daily_out_amount",
            "left_amount": 1,
            "resets_at": midnight().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def test_the_day_starts_again_at_midnight(self, books, open_wallet):
        """What left yesterday does not count today."""
        sender, payee = open_wallet(balance=20_000_000), open_wallet()
        books.run(
            "UPDATE ledger.accounts SET out_amount = 20000000,"
            " out_on = (clock_timestamp() AT TIME ZONE 'Asia/Jakarta')::date - 1 WHERE number = :n",
            n=sender.number,
        )
        books.transfer(sender, payee.number, 5_000)
        found = books.run("SELECT out_amount FROM ledger.accounts WHERE number = :n", n=sender.number)
        assert found == [[5_000]]

    def test_a_day_that_ended_while_it_waited_judges_nothing(self, books, open_wallet):
        """Counted on yesterday's sum, a payment is run again before any limit is told: today's may allow it."""
        sender, payee = open_wallet(balance=20_000_000), open_wallet()
        yesterday = "(clock_timestamp() AT TIME ZONE 'Asia/Jakarta')::date - 1"
        books.run(
            f"UPDATE ledger.accounts SET out_amount = 20000000, out_on = {yesterday} WHERE number = :n", n=sender.number
        )
        accounts = {"d": books.account_id(sender), "c": books.account_id(payee)}
        with refused("40001"):
            books.run(f"SELECT ledger.refuse_posting('transfer', :d, :c, 5000, NULL, NULL, {yesterday})", **accounts)

    def test_the_payees_cap_is_told_without_the_payees_balance(self, books, open_wallet):
        """A full wallet refuses transfers and top-ups, and says nothing of what it holds."""
        sender, payee = open_wallet(balance=100), open_wallet(balance=20_000_000)
        hidden = {"limit": "balance_max", "left_amount": None, "resets_at": None}
        with refused("LW006") as refusal:
            books.transfer(sender, payee.number, 1)
        assert refusal.members == hidden
        with refused("LW006") as refusal:
            books.settle(payee.user_id, 1)
        assert refusal.members == hidden

    def test_a_tier_without_limits_has_none(self, books, open_wallet):
        """A null limit is no limit."""
        books.run("INSERT INTO ledger.tiers (name) VALUES ('business') ON CONFLICT DO NOTHING")
        sender, payee = open_wallet(), open_wallet()
        books.run(
            "UPDATE ledger.accounts SET tier = 'business' WHERE number IN (:a, :b)", a=sender.number, b=payee.number
        )
        books.settle(sender.user_id, 90_000_000)
        books.transfer(sender, payee.number, 90_000_000)
        assert books.balance(payee) == 90_000_000


class TestSettlement:
    def test_credits_once_for_ever(self, books, open_wallet):
        """A repeat returns the first outcome; the settlement account goes below zero by the same amount."""
        person = open_wallet()
        top_up = uuid4()

        first = books.settle(person.user_id, 50_000, top_up)
        again = books.settle(person.user_id, 50_000, top_up)

        assert first == again
        assert books.balance(person) == 50_000
        [[kind, debit, balance]] = books.run(
            "SELECT a.kind, t.amount, t.debit_balance_after <= -50000 FROM ledger.transfers AS t"
            " JOIN ledger.accounts AS a ON a.id = t.debit_account_id WHERE t.id = :i",
            i=top_up,
        )
        assert (kind, debit, balance) == ("settlement", 50_000, True)

    def test_refuses_another_user_or_amount_under_the_same_id(self, books, open_wallet):
        """LW003, and nothing is written."""
        person, other = open_wallet(), open_wallet()
        top_up = uuid4()
        books.settle(person.user_id, 50_000, top_up)
        for user_id, amount in [(other.user_id, 50_000), (person.user_id, 50_001)]:
            with refused("LW003"):
                books.settle(user_id, amount, top_up)
        assert (books.balance(person), books.balance(other)) == (50_000, 0)

    def test_refuses_a_user_without_a_wallet_and_a_frozen_one(self, books, open_wallet):
        """LW008 and LW005."""
        frozen = open_wallet()
        books.run("SELECT ledger.set_account_status(:n, 'frozen')", n=frozen.number)
        with refused("LW008"):
            books.settle(uuid4(), 10_000)
        with refused("LW005"):
            books.settle(frozen.user_id, 10_000)

    def test_says_that_the_same_top_up_is_being_settled(self, books, open_wallet, postgres, database):
        """LW007 while another session works on the id."""
        person = open_wallet()
        top_up = uuid4()
        other = postgres.connect(database)
        other.run("BEGIN")
        other.run("SELECT * FROM ledger.post_top_up(:i, :u, 10000)", i=top_up, u=person.user_id)
        with refused("LW007"):
            books.settle(person.user_id, 10_000, top_up)
        other.run("ROLLBACK")
        other.close()
        books.settle(person.user_id, 10_000, top_up)

    def test_spreads_over_the_settlement_accounts(self, books, open_wallet):
        """Sixty-four accounts take the top-ups, so that they do not queue for one row."""
        person = open_wallet()
        for _ in range(100):
            books.settle(person.user_id, 10)
        [[used]] = books.run(
            "SELECT count(DISTINCT debit_account_id) FROM ledger.transfers WHERE credit_account_id = :a",
            a=books.account_id(person),
        )
        assert used > 30

    def test_is_found_by_its_id_and_listed_by_its_time(self, books, open_wallet):
        """find_settlement and settlements tell user, amount and time; a transfer is no settlement."""
        person, payee = open_wallet(), open_wallet()
        top_ups = [uuid4() for _ in range(3)]
        settled = [books.settle(person.user_id, 1_000 + n, top_up) for n, top_up in enumerate(top_ups)]
        key = uuid4()
        books.transfer(person, payee.number, 5, "", key)

        assert books.run("SELECT * FROM ledger.find_settlement(:i)", i=top_ups[0]) == [settled[0]]
        assert books.run("SELECT * FROM ledger.find_settlement(:i)", i=key) == []
        listed = books.run("SELECT * FROM ledger.settlements(:s, NULL, NULL, 2)", s=settled[0][3])
        assert listed == settled[:2]
        rest = books.run(
            "SELECT * FROM ledger.settlements(:s, :t, :i, 2)", s=settled[0][3], t=listed[-1][3], i=listed[-1][0]
        )
        assert rest == settled[2:]


class TestAccounts:
    def test_numbers_have_twelve_digits_and_a_check_digit(self, books):
        """Numbers are random, start with no zero and satisfy Luhn."""
        from shared.money import luhn_is_valid

        numbers = [row[0] for row in books.run("SELECT ledger.draw_number() FROM generate_series(1, 500)")]
        assert all(len(number) == 12 and number[0] != "0" and luhn_is_valid(number) for number in numbers)
        assert len(set(numbers)) == 500

    def test_a_user_has_one_wallet(self, books):
        """A second account for the same user is refused by the table itself."""
        user_id = uuid4()
        books.run("SELECT ledger.open_account(:u, 'Ani')", u=user_id)
        with refused("23505"):
            books.run("SELECT ledger.open_account(:u, 'Ani')", u=user_id)

    def test_closes_only_when_empty(self, books, open_wallet):
        """LW011 tells the balance; a closed account shows no name and a repeat changes nothing."""
        person, other = open_wallet(balance=7), open_wallet()
        with refused("LW011") as refusal:
            books.run("SELECT ledger.close_account(:u)", u=person.user_id)
        assert refusal.members == {"balance": 7}
        books.transfer(person, other.number, 7)
        for _ in range(2):
            books.run("SELECT ledger.close_account(:u)", u=person.user_id)
        found = books.run("SELECT status, holder_name FROM ledger.accounts WHERE number = :n", n=person.number)
        assert found == [["closed", ""]]

    def test_freezes_and_thaws_open_accounts_alone(self, books, open_wallet):
        """LW001 for a number that no open account has, and no other status can be set."""
        person = open_wallet()
        books.run("SELECT ledger.close_account(:u)", u=person.user_id)
        with refused("LW001"):
            books.run("SELECT ledger.set_account_status(:n, 'active')", n=person.number)
        with refused("P0001"):
            books.run("SELECT ledger.set_account_status(:n, 'closed')", n=open_wallet().number)

    def test_renames_the_holder(self, books, open_wallet):
        """Payers see the new name from then on."""
        person = open_wallet(name="Ani")
        books.run("SELECT ledger.rename_holder(:u, 'Ani Wijaya')", u=person.user_id)
        assert books.run("SELECT holder_name FROM ledger.wallet(:u)", u=person.user_id) == [["Ani Wijaya"]]
