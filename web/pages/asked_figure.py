"""Which figure of throughput a page takes apart: what the query of its address asks for."""

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from contract.errors import Misconfigured
from contract.period import days_named
from register.columns import State
from register.questions import Cause
from register.selection import Selection
from web.pages.asked_moments import ALL_DAYS, asked_period, known_at, known_since
from web.pages.view import PageView

LABELS = (
    *("terminal", "move", "kind", "fill", "size_feet", "source", "state", "reason"),
    *("partner", "terminals"),
)
EVERY_TERMINAL = ".*"
"""The value of a board's variable for all terminals."""
SET_ASIDE = (State.REFUSED, State.UNCOUNTED, State.RETRACTED)
"""States of records that are in no sum, so that they change none."""
CLASSES = {
    **{word: ("move", code) for word, code in (("load", "LOAD"), ("discharge", "DISC"))},
    **{word: ("fill", word.upper()) for word in ("laden", "empty")},
    **{feet: ("size_feet", feet) for feet in ("20", "40", "45")},
    **{kind: ("kind", kind) for kind in ("normal", "transhipment", "restow")},
}
"""Word of the KPIs for a class -> the label that it is, and its value here."""
ASKED = (
    *("period", "at", "span", "class", "known", "shown", "since", "cause", "records"),
    *LABELS,
)
OF_VIEWS = PageView.__struct_fields__
LONGEST = 256  # characters of a label: those of a CloudEvents source


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
        """Return what a query asks for; without a period it is that of `at`, or yesterday.

        Raises:
            Misconfigured: a period, a label or a moment that can't be read, or another name: a
                misspelt label would show the sum of more than is asked for.
        """
        refuse_repeated(query)
        if unknown := [name for name in query if name not in (*ASKED, *OF_VIEWS)]:
            raise Misconfigured(f"{unknown[0][:20]}: expected some of {', '.join(ASKED)}")
        known = known_at(query, now, zone)
        period = asked_period(query, known or now, zone)
        labels = (*((name, query[name]) for name in LABELS if query.get(name)), *_class(query))
        for name, value in labels:
            if len(value) > LONGEST:
                raise Misconfigured(f"{name} has {len(value)} characters, at most {LONGEST}")
        chosen = query.get("terminals", EVERY_TERMINAL)
        if chosen == EVERY_TERMINAL:
            labels = tuple(label for label in labels if label[0] != "terminals")
        elif not re.fullmatch(r"[\w .|-]+", chosen):
            raise Misconfigured(f"terminals={chosen[:20]}: expected codes with | between them")
        since = known_since(query, period, known or now, zone)
        if since is not None and since > (known or now):
            raise Misconfigured(f"since={query['since'][:20]} is after what is known")
        records = query.get("records", "") not in ("", "0")
        asked = cls(period, labels, known, since, _cause(query, since), records)
        if period == ALL_DAYS and not {"state", "reason"} & dict(labels).keys():
            raise Misconfigured(f"period={period}: expected a state or a reason beside it")
        return asked

    @property
    def counts_records(self) -> bool:
        """Whether it is about records, not TEU; with `since` it is those that came since then."""
        return self.period == ALL_DAYS or dict(self.labels).get("state") in SET_ASIDE

    @property
    def is_change(self) -> bool:
        """Whether it asks by what the sum changed."""
        return self.since is not None and not self.counts_records

    def selection(self, area: str) -> Selection:
        """Return the moves of the figure in a port area."""
        first, last = (None, None) if self.period == ALL_DAYS else days_named(self.period)
        came_after = self.since if self.counts_records else None
        labels = dict(self.labels)
        return Selection(area=area, first=first, last=last, came_after=came_after, **labels)

    @property
    def is_of_now(self) -> bool:
        """Whether it is what is known now."""
        return self.known is None

    @property
    def is_of_days_and_classes(self) -> bool:
        """Whether it is chosen by nothing but what the snapshots of the books know."""
        labels = dict(self.labels)
        is_counted = labels.get("state", State.COUNTED) == State.COUNTED
        return is_counted and not labels.keys() & {"source", "reason", "partner", "terminals"}

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
