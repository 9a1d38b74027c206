"""Why a message could not be delivered, and whether that may be tried again."""

from enum import StrEnum

from contract.errors import StackError


class FaultKind(StrEnum):
    """The kind of a fault: a metric label."""

    UNREACHABLE = "unreachable"
    """The server can't be reached, or breaks off before it took the message."""
    REFUSED = "refused"
    """The server refuses for now: a login, a limit, a signature."""
    REJECTED = "rejected"
    """The server refuses for good, with a code 5xx of SMTP."""
    UNKNOWN = "unknown"
    """The message was sent and not answered, so that it may have arrived."""
    UNREADABLE = "unreadable"
    """A file that is needed here can't be read or written."""


class DeliveryFault(StackError):
    """A message was not delivered; its text never holds an address or a secret of a robot."""

    def __init__(self, kind: FaultKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind
