"""How far ahead of our clock a move may be, for instants in seconds since 1970."""

from datetime import datetime

from contract import future
from ledger.zone_time import utc

AHEAD_SECONDS = future.AHEAD_SECONDS


def ahead(seconds: float, now: datetime) -> str:
    """What is said of an instant too far ahead."""
    return future.ahead(utc(seconds), now)
