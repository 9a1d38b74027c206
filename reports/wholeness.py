"""Whether the last day of a period is whole: every terminal's messages reach to its end."""

from math import ceil

from msgspec import Struct

from reports.period import DAY, Period, Span
from reports.values import PortValues, Quay


class Silence(Struct, frozen=True):
    """A terminal that is silent since an hour of the day, from 0; 0 is all day."""

    terminal: str
    since: int


def silences(port: PortValues, period: Period) -> tuple[Silence, ...]:
    """Return the terminals whose last day is not whole.

    A terminal may rest at the end of a day as long as on any of its last 28 days, since one
    without work at night has no fault, and for `quiet_hours` in any case.  Nothing is silent on a
    closed day, nor at a terminal that had no TEU in these 28 days.
    """
    if period.last in port.closed:
        return ()
    found = (
        Silence(code, 24 - quay.empty_hours[-1])
        for code, quay in port.quays.items()
        if _works(quay) and quay.empty_hours[-1] > _usual(quay, port)
    )
    return tuple(sorted(found, key=lambda one: one.terminal))


def no_moves(port: PortValues, period: Period) -> bool:
    """Whether the last day has no TEU."""
    return not port.teu(Span(period.last, period.last))


def is_whole(port: PortValues, period: Period) -> bool:
    """Whether the last day is whole, so that it can be compared."""
    if period.last in port.closed:
        return True
    return not silences(port, period) and not no_moves(port, period)


def whole_to(port: PortValues, period: Period) -> Span:
    """Return the last whole day: the last day of the period, or else the day before it."""
    last = period.last if is_whole(port, period) else period.last - DAY
    return Span(last, last)


def _works(quay: Quay) -> bool:
    """Whether a terminal had TEU on any of the last 28 days."""
    return any(hours < 24 for hours in quay.empty_hours[:-1])


def _usual(quay: Quay, port: PortValues) -> int:
    """The most hours without TEU at the end of the last 28 days, those without any left out."""
    before = [hours for hours in quay.empty_hours[:-1] if hours < 24]
    return max([*before, ceil(port.quiet_hours)])
