"""How far ahead of Kafka's clock an event may be, and the refusal of one that is farther ahead."""

from datetime import datetime, timedelta

from contract.errors import Reason, Rejected
from contract.events import RawEvent

LONGEST_AHEAD = timedelta(hours=1)
"""How far a sender's clock may be ahead of Kafka's; since 4.0 Kafka itself refuses more."""


def refuse_future(event: RawEvent, now: datetime) -> None:
    """Refuse an event that happened, or was recorded, more than an hour after `now`.

    Raises:
        Rejected: its `time` or its `recordedtime` is too far ahead.
    """
    refuse_future_time(event.recordedtime, now, "$.recordedtime")
    refuse_future_time(event.time, now, "$.time")


def refuse_future_time(at: datetime, now: datetime, where: str) -> None:
    """Refuse one time of an event, found at `where`, if it is more than an hour after `now`.

    Raises:
        Rejected: the time is too far ahead.
    """
    if at - now > LONGEST_AHEAD:
        raise Rejected(Reason.FUTURE_TIME, future_time_message(at, now), where=where)


def future_time_message(at: datetime, now: datetime) -> str:
    """Return what a refusal says of a time too far ahead."""
    return (
        f"{at.isoformat()} is more than an hour ahead of {now.isoformat(timespec='seconds')}; "
        "set the sender's clock or zone right"
    )
