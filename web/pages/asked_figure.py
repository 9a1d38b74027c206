"""Which figure of throughput a page takes apart: what the query of its address asks for."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from contract.errors import Misconfigured
from contract.period import days_named
from register.columns import State
from register.questions import Cause
from register.selection import Selection
from web.pages.view import PageView

LABELS = ("terminal", "move", "kind", "fill", "size_feet", "source", "state", "reason")
CLASSES = {
    **{word: ("move", code) for word, code in (("load", "LOAD"), ("discharge", "DISC"))},
    **{word: ("fill", word.upper()) for word in ("laden", "empty")},
    **{feet: ("size_feet", feet) for feet in ("20", "40", "45")},
    **{kind: ("kind", kind) for kind in ("normal", "transhipment", "restow")},
}
"""Word of the KPIs for a class -> the label that it is, and its value here."""
ASKED = ("period", "at", "class", "known", "since", "cause", "records", *LABELS)
OF_VIEWS = PageView.__struct_fields__
LONGEST = 256  # characters of a label: those of a CloudEvents source
EARLIEST_YEAR, LATEST_YEAR = 1900, 9000  # of a moment; hours and time zones are added to it


class AskedFigure(Struct, frozen=True):
    """A figure, and the moments of knowledge as of which it is asked for.

    `labels` are fields of `Selection`.  With `since` its change until `known` is asked for.
    """

    period: str
    labels: tuple[tuple[str, str], ...] = ()
    known: datetime | None = None
    """None is now."""
    since: datetime | None = None
    cause: Cause | None = None
    """Of a change, the part that has this cause; None is all."""
    records: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str], now: datetime, zone: ZoneInfo) -> "AskedFigure":
        """Return what a query asks for; without a period it is the day of `at`, or yesterday.

        Raises:
            Misconfigured: a period, a label or a moment that can't be read, or another name: a
                misspelt label would show the sum of more than is asked for.
        """
        refuse_repeated(query)
        if unknown := [name for name in query if name not in (*ASKED, *OF_VIEWS)]:
            raise Misconfigured(f"{unknown[0][:20]}: expected some of {', '.join(ASKED)}")
        on = _moment(query, "at", zone) or now - timedelta(1)
        period = query.get("period", "") or on.astimezone(zone).date().isoformat()
        try:
            days_named(period)
        except ValueError as error:
            raise Misconfigured(f"period={error}") from None
        labels = (*((name, query[name]) for name in LABELS if query.get(name)), *_class(query))
        for name, value in labels:
            if len(value) > LONGEST:
                raise Misconfigured(f"{name} has {len(value)} characters, at most {LONGEST}")
        known = _moment(query, "known", zone)
        since = _hours_before(query, known or now) or _moment(query, "since", zone)
        if since is not None and since > (known or now):
            raise Misconfigured(f"since={query['since'][:20]} is after what is known")
        records = query.get("records", "") not in ("", "0")
        return cls(period, labels, known, since, _cause(query, since), records)

    def selection(self, area: str) -> Selection:
        """Return the moves of the figure in a port area."""
        first, last = days_named(self.period)
        return Selection(area=area, first=first, last=last, **dict(self.labels))

    @property
    def is_of_now(self) -> bool:
        """Whether it is what is known now."""
        return self.known is None

    @property
    def is_of_days_and_classes(self) -> bool:
        """Whether it is chosen by nothing but what the snapshots of the books know."""
        labels = dict(self.labels)
        is_counted = labels.get("state", State.COUNTED) == State.COUNTED
        return is_counted and not labels.keys() & {"source", "reason"}

    def narrowed(self, **labels: str | None) -> "AskedFigure":
        """Return the figure of which these labels are given, too, and its records."""
        wanted = {**dict(self.labels), **{name: one for name, one in labels.items() if one}}
        return structs.replace(self, labels=tuple(wanted.items()), records=True)

    def part_of_change(self, cause: Cause | None = None, **of: str) -> "AskedFigure":
        """Return the part of a change that has a cause; `of` are its period and its labels."""
        part = structs.replace(self, cause=cause or self.cause, period=of.pop("on", self.period))
        return part.narrowed(**of)

    def link(self, path: str, view: PageView) -> str:
        """Return the address of a page or a file about it."""
        asked: dict[str, object] = {"period": self.period, **dict(self.labels)}
        for name, moment in (("known", self.known), ("since", self.since)):
            if moment is not None:
                asked[name] = moment.isoformat(timespec="seconds")
        if self.cause:
            asked["cause"] = self.cause.value
        if self.records:
            asked["records"] = 1
        return view.link(path, **asked)


def refuse_repeated(query: Mapping[str, str]) -> None:
    """Refuse a query that gives a parameter twice, since only one of them would count.

    Raises:
        Misconfigured: it does.
    """
    names = [name for name, _ in query.items()]  # alone in this are those given twice
    if twice := [name for at, name in enumerate(names) if name in names[:at]]:
        raise Misconfigured(f"{twice[0][:20]} is given more than once: expected one value")


def _class(query: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the label of a class; a board writes a number before its word, to keep an order."""
    said = query.get("class", "")
    if not said:
        return ()
    if found := CLASSES.get(re.sub(r"^[0-9] ", "", said)):
        return (found,)
    raise Misconfigured(f"class={said[:20]}: expected one of {', '.join(CLASSES)}")


def _cause(query: Mapping[str, str], since: datetime | None) -> Cause | None:
    """Return the cause that is asked for: only a change has causes."""
    said = query.get("cause", "")
    if not said:
        return None
    if said not in list(Cause):
        raise Misconfigured(f"cause={said[:20]}: expected one of {', '.join(Cause)}")
    if since is None:
        raise Misconfigured(f"cause={said}: only a change has causes; add since=24h or a moment")
    return Cause(said)


def _hours_before(query: Mapping[str, str], known: datetime) -> datetime | None:
    """Return the moment that is so many hours before another, such as `24h`."""
    found = re.fullmatch(r"([0-9]{1,5})h", query.get("since", ""))
    return known - timedelta(hours=int(found[1])) if found else None


def _moment(query: Mapping[str, str], name: str, zone: ZoneInfo) -> datetime | None:
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
