"""How far ahead of our clock an event may be, and what is said of one that is farther."""

from datetime import datetime

from contract.errors import Reason, Rejected
from contract.events import RawEvent

AHEAD_SECONDS = 3600  # how far before our clock a sender's may be


def refuse_future(event: RawEvent, now: datetime) -> None:
    """Let an event pass that happened, and was recorded, at most an hour after `now`.

    Raises:
        Rejected: it lies farther ahead.
    """
    for name, at in (("recordedtime", event.recordedtime), ("time", event.time)):
        if (at - now).total_seconds() > AHEAD_SECONDS:
            raise Rejected(Reason.FUTURE_TIME, ahead(at, now), where=f"$.{name}")


def ahead(at: datetime, now: datetime) -> str:
    """What is said of an instant too far ahead."""
    return (
        f"{at.isoformat()} is more than an hour ahead of "
        f"{now.isoformat(timespec='seconds')}; set the sender's clock right"
    )
