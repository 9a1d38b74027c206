"""The tree of errors, and the closed list of reasons for which an event is rejected.

QuaymarkError
├── Rejected          one event or message cannot be counted; the worker continues
├── Misconfigured     a setting or a file of the user is wrong; the command ends with exit code 2
└── StackError        a part of the stack failed (port in use, disk full, no Java …); exit code 1
    └── Denied        Kafka denies this user what it needs
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why an event became a dead letter: a metric label, a log field and a runbook heading.

    Events with two of the reasons are booked all the same: `unknown_size`, where the move counts
    and its TEU does not, and `reused_id`.
    """

    UNDECODABLE = "undecodable"
    WRONG_TYPE = "wrong_type"
    MISSING_FIELD = "missing_field"
    UNKNOWN_EVENT_TYPE = "unknown_event_type"
    NAIVE_TIME = "naive_time"
    FUTURE_TIME = "future_time"
    TOO_OLD = "too_old"
    TOO_LARGE = "too_large"
    UNKNOWN_TERMINAL = "unknown_terminal"
    UNKNOWN_SIZE = "unknown_size"
    CONFLICT = "conflict"
    REUSED_ID = "reused_id"
    UNKNOWN_CURRENCY = "unknown_currency"
    UNKNOWN_PARTNER = "unknown_partner"
    UNKNOWN_CODE = "unknown_code"
    BAD_VALUE = "bad_value"
    BAD_SYNTAX = "bad_syntax"
    LIMIT_REACHED = "limit_reached"
    UNPROCESSABLE = "unprocessable"


class QuaymarkError(Exception):
    """The base of every error that this project raises on purpose."""


class Rejected(QuaymarkError):
    """One event or message cannot be counted: why, where in it, and what to do."""

    def __init__(self, reason: Reason, message: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.reason = reason
        self.message = message
        self.where = where


class Misconfigured(QuaymarkError):
    """A setting or a file of the user is wrong: which, what was found and what was expected."""


class StackError(QuaymarkError):
    """A part of the stack failed; the message says which, why, and what to do."""


class Denied(StackError):
    """Kafka denies its user a right: which, on what, and how it is given."""
