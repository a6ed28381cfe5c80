"""Problems: one class, one meaning, drawn in the docstring."""

import re

import pytest

from shared import errors, log, sqlstates
from shared.problem import Problem

PROBLEMS = sorted(Problem.__subclasses__(), key=lambda problem: problem.slug)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.slug)
def test_a_problem_has_a_slug_of_its_name_a_title_and_a_status(problem):
    words = re.sub(r"(?<!^)([A-Z])", r"-\1", problem.__name__).lower().replace("top-up", "topup")
    assert problem.slug == words
    assert 400 <= problem.status < 600
    assert problem.title[0].isupper()
    assert not problem.title.endswith(".")
    assert str(problem()) == problem.title


def test_each_problem_has_a_meaning_of_its_own():
    assert len({problem.slug for problem in PROBLEMS}) == len({problem.title for problem in PROBLEMS}) == len(PROBLEMS)


def test_the_tree_in_the_docstring_is_the_tree():
    """Each class stands in the line of its status."""
    drawn = {}
    status = 0
    for line in (errors.__doc__ or "").splitlines():
        for word in re.findall(r"\b\d{3}\b|\b[A-Z][A-Za-z]+\b", line) if re.search(r"[├└│]", line) else []:
            if word.isdigit():
                status = int(word)
            else:
                drawn[word] = status
    assert drawn == {problem.__name__: problem.status for problem in PROBLEMS}


@pytest.mark.parametrize("status", [429, 503])
def test_who_is_told_to_come_back_is_told_when(status):
    """Locks know their own time; the others say a second or more."""
    knows = {"too-many-attempts", "pin-locked"}
    for problem in PROBLEMS:
        if problem.status == status and problem.slug not in knows:
            assert int(problem().headers["Retry-After"]) >= 1


def test_a_sqlstate_becomes_its_problem_with_its_members():
    problem = sqlstates.problem("LW002", {"balance": 15_000, "short_by_amount": 5_000})
    assert type(problem) is errors.InsufficientFunds
    assert problem.members == {"balance": 15_000, "short_by_amount": 5_000}


def test_a_wait_becomes_the_header():
    problem = sqlstates.problem("LW021", {"retry_after_seconds": 60})
    assert problem.headers["Retry-After"] == "60"
    assert "retry_after_seconds" not in problem.members


def test_an_unknown_sqlstate_is_a_defect():
    with pytest.raises(KeyError):
        sqlstates.problem("LW999", {})


class TestLog:
    def test_takes_no_field_that_is_not_listed(self):
        for name in ("pin", "password", "token", "note", "body", "full_name", "account_number"):
            with pytest.raises(ValueError, match=name):
                log.write("INFO", "A line", **{name: "x"})

    def test_says_where_an_error_happened_and_not_what_it_held(self, capsys):
        try:
            int("246810 is a PIN")
        except ValueError as error:
            log.exception("A sentence", error)
        line = capsys.readouterr().out
        assert "test_errors.py" in line
        assert "ValueError" in line
        assert "246810" not in line

    def test_a_line_stays_one_line(self, capsys):
        log.write("INFO", "A sentence", reason="two\nlines")
        assert capsys.readouterr().out.count("\n") == 1
