"""Balance, limits, recipients and the name check, through the deployed function."""

from uuid import uuid4

import pytest

from tests.days import today


def test_shows_the_wallet_of_the_caller(ask, pair):
    """The balance is of the caller's account; nobody can ask for another's."""
    answer = ask(pair[0], "/v1/wallet")
    assert answer.status_code == 200
    assert set(answer.json) == {"account_number", "balance", "currency", "status", "version", "updated_at"}
    assert answer.json["account_number"] == pair[0].number
    assert (answer.json["balance"], answer.json["currency"], answer.json["status"]) == (100_000, "IDR", "active")
    assert answer.headers["Cache-Control"] == "no-store"


def test_answers_304_until_something_moves(ask, books, pair):
    """The ETag follows the account's version and status."""
    etag = ask(pair[0], "/v1/wallet").headers["ETag"]
    for held in (etag, f"W/{etag}"):  # the second is what a proxy writes that compresses answers
        unchanged = ask(pair[0], "/v1/wallet", headers={"If-None-Match": held})
        assert (unchanged.status_code, unchanged.data) == (304, b"")
    books.transfer(pair[0], pair[1].number, 1)
    moved = ask(pair[0], "/v1/wallet", headers={"If-None-Match": etag})
    assert moved.status_code == 200
    books.run("SELECT ledger.set_account_status(:n, 'frozen')", n=pair[0].number)
    frozen = ask(pair[0], "/v1/wallet", headers={"If-None-Match": moved.headers["ETag"]})
    assert frozen.json["status"] == "frozen"


def test_a_user_without_a_wallet_finds_none(ask, pair):
    """404, on every route that needs one."""
    nobody = pair[0]._replace(user_id=uuid4())
    for path in ("/v1/wallet", "/v1/wallet/limits"):
        assert ask(nobody, path).status_code == 404, path
    assert ask(nobody, "/v1/wallet/statement", from_="2026-01-01", to="2026-01-02").status_code == 404


def test_tells_the_limits_and_what_is_used(ask, books, pair):
    """What left today counts, and the day ends at midnight in Asia/Jakarta."""
    today(lasting=10)
    books.transfer(pair[0], pair[1].number, 1_500)
    limits = ask(pair[0], "/v1/wallet/limits").json
    assert limits["per_transfer_amount"] == 10_000_000
    assert limits["daily_out_amount"] == 20_000_000
    assert limits["daily_out_used_amount"] == 1_500
    assert limits["balance_max"] == 20_000_000
    assert limits["resets_at"].endswith("T17:00:00Z")
    assert [limits[f"top_up_{name}"] for name in ("min_amount", "max_amount", "pending_max")] == [10_000, 10_000_000, 5]
    assert ask(pair[1], "/v1/wallet/limits").json["daily_out_used_amount"] == 0


class TestNameCheck:
    def test_masks_the_name_until_the_first_payment(self, ask, books, pair):
        """A stranger's name shows its initials; whoever has paid sees it whole."""
        path = f"/v1/accounts/{pair[1].number}"
        before = ask(pair[0], path).json
        assert before == {
            "account_number": pair[1].number,
            "name": "B*** S******",
            "is_self": False,
            "first_time": True,
        }
        books.transfer(pair[0], pair[1].number, 1)
        assert ask(pair[0], path).json | {} == before | {"name": "Budi Santoso", "first_time": False}

    def test_having_been_paid_does_not_unmask(self, ask, books, pair):
        """The payee learns nothing more of the payer than the payment says."""
        books.transfer(pair[0], pair[1].number, 1)
        assert ask(pair[1], f"/v1/accounts/{pair[0].number}").json["name"] == "D*** L******"

    def test_knows_the_own_number(self, ask, pair):
        """The own name is whole, and marked."""
        found = ask(pair[0], f"/v1/accounts/{pair[0].number}").json
        assert (found["name"], found["is_self"]) == ("Dewi Lestari", True)

    def test_refuses_a_wrong_check_digit_without_asking_the_books(self, ask, pair):
        """A mistyped number is told from an unknown one."""
        wrong = pair[1].number[:-1] + str((int(pair[1].number[-1]) + 1) % 10)
        answer = ask(pair[0], f"/v1/accounts/{wrong}")
        assert (answer.status_code, answer.json["type"]) == (404, "/problems/account-not-found")
        assert "digit" in answer.json["detail"]
        assert ask(pair[0], "/v1/accounts/100000000008").status_code == 404

    def test_a_closed_account_is_not_found(self, ask, books, pair):
        """Neither name nor existence is told."""
        books.run("SELECT ledger.close_account(:u)", u=pair[1].user_id)
        assert ask(pair[0], f"/v1/accounts/{pair[1].number}").status_code == 404

    def test_a_settlement_account_is_nobody(self, ask, pair):
        """It has no number that could be asked for."""
        assert ask(pair[0], "/v1/accounts/000000000000").status_code == 400

    def test_closes_after_thirty_in_a_minute(self, ask, books, pair):
        """The throttle counts wrong numbers too, says when to come back, and is each caller's own."""
        answers = [ask(pair[0], "/v1/accounts/100000000008").status_code for _ in range(30)]
        last = ask(pair[0], f"/v1/accounts/{pair[1].number}")
        if last.status_code == 200:  # a minute began in between: ask on
            answers += [ask(pair[0], "/v1/accounts/100000000008").status_code for _ in range(30)]
            last = ask(pair[0], f"/v1/accounts/{pair[1].number}")
        assert set(answers) <= {404, 429}
        assert answers.count(404) >= 30
        assert (last.status_code, last.json["type"]) == (429, "/problems/too-many-requests")
        assert 1 <= int(last.headers["Retry-After"]) <= 60
        assert ask(pair[1], f"/v1/accounts/{pair[0].number}").status_code == 200


class TestRecipients:
    def test_lists_favourites_before_recent_payees(self, ask, books, open_wallet):
        """The last paid comes first; a favourite stands above all."""
        me = open_wallet(balance=1_000)
        people = [open_wallet(name=f"Payee {n}") for n in range(3)]
        for person in people:
            books.transfer(me, person.number, 1)
        assert ask(me, f"/v1/wallet/recipients/{people[0].number}", method="PUT").status_code == 204
        items = ask(me, "/v1/wallet/recipients").json["items"]
        assert [item["name"] for item in items] == ["Payee 0", "Payee 2", "Payee 1"]
        assert [item["favourite"] for item in items] == [True, False, False]
        assert set(items[0]) == {"account_number", "name", "favourite", "last_paid_at"}

    def test_keeps_and_drops_as_often_as_it_is_told(self, ask, books, pair):
        """PUT and DELETE may be repeated."""
        path = f"/v1/wallet/recipients/{pair[1].number}"
        books.transfer(pair[0], pair[1].number, 1)
        for method, kept in [("PUT", True), ("PUT", True), ("DELETE", False), ("DELETE", False)]:
            assert ask(pair[0], path, method=method).status_code == 204
            assert ask(pair[0], "/v1/wallet/recipients").json["items"][0]["favourite"] is kept

    def test_keeps_only_whom_the_caller_has_paid(self, ask, pair):
        """The list shows whole names, so a stranger cannot be put on it."""
        answer = ask(pair[0], f"/v1/wallet/recipients/{pair[1].number}", method="PUT")
        assert (answer.status_code, answer.json["type"]) == (409, "/problems/recipient-unknown")

    def test_refuses_oneself_and_nobody(self, ask, pair):
        """The own number and an unknown one are no recipients."""
        own = ask(pair[0], f"/v1/wallet/recipients/{pair[0].number}", method="PUT")
        unknown = ask(pair[0], "/v1/wallet/recipients/100000000008", method="PUT")
        assert (own.status_code, own.json["type"]) == (422, "/problems/self-transfer")
        assert (unknown.status_code, unknown.json["type"]) == (404, "/problems/account-not-found")

    def test_keeps_fifty(self, ask, books, pair, open_wallet):
        """The fifty-first favourite is refused; one that is kept already is not counted twice."""
        me = open_wallet(balance=1_000)
        people = [open_wallet() for _ in range(51)]
        for person in people:
            books.transfer(me, person.number, 1)
            status = ask(me, f"/v1/wallet/recipients/{person.number}", method="PUT").status_code
            assert status == (409 if person is people[-1] else 204)
        assert ask(me, f"/v1/wallet/recipients/{people[0].number}", method="PUT").status_code == 204

    def test_forgets_who_has_closed(self, ask, books, open_wallet):
        """A closed account leaves the list."""
        me, other = open_wallet(balance=1_000), open_wallet()
        books.transfer(me, other.number, 1)
        books.transfer(other, me.number, 1)
        books.run("SELECT ledger.close_account(:u)", u=other.user_id)
        assert ask(me, "/v1/wallet/recipients").json["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/wallet",
        "/v1/wallet/entries",
        "/v1/wallet/statement",
        "/v1/wallet/limits",
        "/v1/wallet/recipients",
        "/v1/accounts/100000000008",
    ],
)
def test_needs_an_access_token(wallet_api, path):
    """Nothing is told without one."""
    assert wallet_api.get(path).status_code == 401
