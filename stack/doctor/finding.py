"""What a check found: how bad it is, what it is, where, and the command that mends it."""

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How bad a finding is, the worst first."""

    ERROR = "error"
    """A board is empty or wrong."""
    WARNING = "warning"
    """Figures may be wrong, or will soon be."""
    NOTE = "note"
    """The boards can be believed; something would make them better or safer."""


class PortFinding(Struct, frozen=True):
    """One thing that is missing or wrong."""

    severity: Severity
    check: str
    """The name of the check, which never changes."""
    where: str
    what: str
    mend: str
    """A command, or the line of a file to change."""
