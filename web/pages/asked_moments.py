"""The moments in the address of a page about a figure: of which day, as of when, since when."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contract.errors import Misconfigured
from contract.period import days_named

EARLIEST_YEAR, LATEST_YEAR = 1900, 9000  # of a moment; hours and time zones are added to it
JUST_NOW = timedelta(minutes=2)
"""A board was drawn so long ago at most; what it shows is the figure of now."""
SPANS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
"""What a moment may stand for -> the form of its name."""
ALL_DAYS = "all"
"""The period of everything; only of records of a state or a reason is it asked for."""
NEXT_DAY = "next_day"
SHOWN_AT = time(23)
"""At this hour the Port board takes the figure of the day before, for its curve of days."""


def asked_period(query: Mapping[str, str], known: datetime, zone: ZoneInfo) -> str:
    """Return the period that a query names, else that of `at`, else the day before `known`.

    Raises:
        Misconfigured: it is no period, or no moment.
    """
    span = query.get("span", "day")
    if span not in SPANS:
        raise Misconfigured(f"span={span[:20]}: expected one of {', '.join(SPANS)}")
    at = moment(query, "at", zone)
    on = known - timedelta(1) if at is None else at
    period = query.get("period", "") or on.astimezone(zone).strftime(SPANS[span])
    try:
        if period != ALL_DAYS:
            days_named(period)
    except ValueError as error:
        raise Misconfigured(f"period={error}") from None
    return period


def known_at(query: Mapping[str, str], now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the moment as of which a figure is asked for; None is now.

    `known` is that moment.  `shown` is the end of a board's range instead: it may lie ahead, as
    the end of the year does, or be the moment when the board was drawn, which both mean now.

    Raises:
        Misconfigured: it can't be read.
    """
    known, shown = moment(query, "known", zone), moment(query, "shown", zone)
    if known is None and shown is not None and now - shown > JUST_NOW:
        return shown
    return None if known is None or known > now else known


def known_since(
    query: Mapping[str, str], period: str, known: datetime, zone: ZoneInfo
) -> datetime | None:
    """Return the first moment of a change, or None.

    `24h` is so many hours before `known`; `next_day` is when a board took the figure of the day
    of the period for its curve.

    Raises:
        Misconfigured: it can't be read.
    """
    said = query.get("since", "")
    if found := re.fullmatch(r"([0-9]{1,5})h", said):
        return known - timedelta(hours=int(found[1]))
    if said == NEXT_DAY and period != ALL_DAYS:
        after = days_named(period)[1] + timedelta(1)
        return min(datetime.combine(after, SHOWN_AT, zone), known)
    return moment(query, "since", zone)


def moment(query: Mapping[str, str], name: str, zone: ZoneInfo) -> datetime | None:
    """Return a moment that a query names, in the port's zone if it has no offset.

    Raises:
        Misconfigured: it can't be read.
    """
    text = query.get(name, "")
    if not text:
        return None
    if re.fullmatch(r"[0-9]{13}", text):  # milliseconds since 1970, as Grafana gives a time
        return datetime.fromtimestamp(int(text) / 1000, UTC).astimezone(zone)
    try:
        # a plus that was not escaped in an address arrives as a blank
        at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
            raise ValueError
    except ValueError:
        shown = text[:20]
        raise Misconfigured(f"{name}={shown}: no moment; write it as 2026-11-25T08:00") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)
