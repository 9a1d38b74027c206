"""The reasons for which a figure is absent or a comparison is not made."""

from enum import StrEnum

from msgspec import Struct


class Why(StrEnum):
    """Why there is no number; the value is what CSV and JSON say."""

    BOOKS_BEGIN = "books-begin"
    """The books begin after the first day that is needed."""
    DAY_NOT_WHOLE = "day-not-whole"
    """The day is not whole, so that it is compared with nothing."""
    DAYS_MISSING = "days-missing"
    """The books have no TEU for a week within the days that are needed."""
    RUNNING = "running"
    """The period is not over."""
    FESTIVAL = "spring-festival"
    """January and February are compared together, once both are over."""
    WAS_ZERO = "was-zero"
    """There is nothing to divide by."""
    NO_PLAN = "no-plan"
    NO_FORECAST = "no-forecast"
    NO_BAND = "no-band"
    """A forecast by the run-rate has no interval."""
    NO_MOVE = "no-move"
    """No move was booked."""
    NO_PARTNER = "no-partner"
    """The port's book names no partner."""
    NO_REGISTER = "no-register"
    """There is no register of moves, or it can't be read."""
    REGISTER_BEHIND = "register-behind"
    """The register does not hold all that Kafka got in the period."""
    NO_RECORD = "no-record"
    """No record came that could be shared out."""
    NOT_KNOWN = "not-known"
    """The books do not hold what is asked."""


class AbsenceReason(Struct, frozen=True):
    """A reason, and the day that it is about, such as the one on which the books begin."""

    why: Why
    on: str = ""

    def __str__(self) -> str:
        """Return the reason as CSV and JSON say it: `books-begin 2025-12-28`."""
        return f"{self.why} {self.on}".strip()
