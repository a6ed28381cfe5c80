"""sqlstates — the refusals of our SQL routines (class LW), each with the problem that it means."""

from typing import Any

from shared import errors
from shared.problem import Problem

SQLSTATES: dict[str, type[Problem]] = {
    "LW001": errors.AccountNotFound,
    "LW002": errors.InsufficientFunds,
    "LW003": errors.IdempotencyKeyReused,
    "LW004": errors.SelfTransfer,
    "LW005": errors.AccountUnavailable,
    "LW006": errors.LimitExceeded,
    "LW007": errors.RequestInProgress,
    "LW008": errors.NotFound,
    "LW010": errors.AlreadyReversed,
    "LW011": errors.BalanceNotZero,
    "LW012": errors.Paused,
    "LW013": errors.TooManyRequests,
    "LW014": errors.RecipientUnknown,
    "LW015": errors.TooManyFavourites,
    "LW020": errors.UsernameTaken,
    "LW021": errors.TooManyAttempts,
    "LW022": errors.PinLocked,
    "LW023": errors.Unauthenticated,
}


def problem(code: str, members: dict[str, Any]) -> Problem:
    """Return the problem that the routine meant by SQLSTATE `code`.

    `members` is the JSON object of the error's DETAIL; `retry_after_seconds` among them becomes
    the Retry-After header. Raises KeyError for a code that no routine of ours raises.
    """
    retry_after = members.pop("retry_after_seconds", None)
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return SQLSTATES[code](headers=headers, **members)
