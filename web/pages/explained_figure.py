"""A figure taken apart: its sums by state, class and cause, each leading to its records."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct, structs

from register.questions import ClassPart, Explanation, StandingPart, VersionRow
from register.selection import Amount
from reports.forms.html import warning
from reports.forms.markup import Markup, element, joined
from reports.language.language import LANGUAGES
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.asked_figure import AskedFigure
from web.pages.explain_wording import EXPLAIN_WORDS
from web.pages.page_frame import EXPLAINED, header, page
from web.pages.view import PageView

MOST_SHOWN = 200
CSV = "/explain.csv"
SHOWN = (
    *("event_time", "move", "terminal", "container", "size_feet", "fill", "vessel_name", "voyage"),
    *("teu", "state", "reason", "known_from", "known_to", "place"),
)


class ExplainedFigure(Struct, frozen=True):
    """What the register says of a figure; parts that were not asked for are empty."""

    at: datetime
    """The moment of knowledge; of a change, the second one."""
    kept_to: datetime | None = None
    """When Kafka got the newest record of the register; None if it holds none."""
    standing: Sequence[StandingPart] = ()
    classes: Sequence[ClassPart] = ()
    change: Explanation | None = None
    records: Sequence[VersionRow] = ()
    """At most MOST_SHOWN + 1, with `place`."""
    fault: str = ""
    """Why the register can't be read."""


def explained_figure(
    asked: AskedFigure,
    found: ExplainedFigure,
    site: SiteFigures,
    owner: OwnerFigures,
    view: PageView,
) -> str:
    """Return the page of a figure."""
    shown = _Shown(asked, found, site, view)
    language = LANGUAGES[view.lang]
    areas = tuple((one.code, language.name(one.name)) for one in site.owners)
    known = structs.replace(view, area=owner.code if len(areas) > 1 else view.area)
    name = f"{language.name(owner.name)} · {asked.period}"
    if asked.labels:
        name += f" · {' · '.join(shown.said(value) for _, value in asked.labels)}"
    return page(name, header(name, site.at, known, EXPLAINED, areas), shown.body(), view, None)


class _Shown:
    """The parts of the page, in one language."""

    def __init__(
        self, asked: AskedFigure, found: ExplainedFigure, site: SiteFigures, view: PageView
    ) -> None:
        self._asked, self._found, self._view = asked, found, view
        self._zone = site.at.tzinfo
        self._words, self._plain = EXPLAIN_WORDS[view.lang], LANGUAGES[view.lang].plain

    def said(self, value: str) -> str:
        """Return a value in the words of the page."""
        return self._words.words.get(value, value)

    def body(self) -> list[Markup]:
        """Return the totals, the ways to more, and the tables."""
        if self._found.fault:
            return [warning(self._found.fault)]
        if self._found.kept_to is None:
            return [element("p", {"class": "plain"}, self._words.no_register)]
        tables = self._change() if self._found.change is not None else self._content()
        if self._asked.records:
            tables = self._records()
        kept = self._plain(self._words.kept_to, at=self._clock(self._found.kept_to))
        return [self._lead(), self._ways(), *tables, element("p", {"class": "note"}, kept)]

    def _lead(self) -> Markup:
        words, found = self._words, self._found
        at = self._clock(found.at)
        if (change := found.change) is not None:
            said = self._plain(
                words.change,
                old=f"{change.old:,}",
                new=f"{change.new:,}",
                difference=f"{change.new - change.old:+,}",
            )
            since = self._clock(self._asked.since or found.at)
            when = self._plain(words.between, since=since, until=at)
        else:
            counted = [part for part in found.standing if part.state == "counted"]
            teu = sum((part.amount for part in counted), Amount(0))
            moves = sum(part.records for part in counted)
            said = self._plain(words.figure, teu=f"{teu:,}", moves=f"{moves:,}")
            when = self._plain(words.known_at, at=at)
        return element("p", {"class": "lead"}, element("b", None, said), f" {when}")

    def _ways(self) -> Markup:
        """Return the links to the records or the sums, to the last day's change, to the file."""
        asked, words = self._asked, self._words
        other = structs.replace(asked, records=not asked.records)
        ways = [self._a(other, words.all_sums if asked.records else words.show_records)]
        if asked.since is None:
            day_before = structs.replace(asked, since=self._day_before(), records=False)
            ways.append(self._a(day_before, words.changed_since))
        ways.append(element("a", {"href": asked.link(CSV, self._view)}, words.as_csv))
        return element("p", {"class": "ways"}, Markup(" · ".join(ways)))

    def _day_before(self) -> datetime:
        at = self._found.at
        return datetime.fromtimestamp(at.timestamp() - 86_400, self._zone)

    def _content(self) -> list[Markup]:
        words, asked = self._words, self._asked
        if not self._found.standing:
            return [element("p", {"class": "plain"}, words.nothing)]
        states = [
            (
                *(part.state, part.reason, part.terminal, part.source),
                self._a(
                    asked.narrowed(
                        state=part.state,
                        reason=part.reason or "none",
                        terminal=part.terminal,
                        source=part.source,
                    ),
                    f"{part.records:,}",
                ),
                part.amount,
            )
            for part in self._found.standing
        ]
        classes = [
            (
                *(one.move, one.kind, one.fill, one.size_feet),
                self._a(
                    asked.narrowed(
                        move=one.move,
                        kind=one.kind,
                        fill=one.fill or "unknown",
                        size_feet=one.size_feet,
                        state="counted",
                    ),
                    f"{one.moves:,}",
                ),
                one.teu,
            )
            for one in self._found.classes
        ]
        return [
            self._table(
                words.by_state, ("state", "reason", "terminal", "source", "records", "teu"), states
            ),
            self._table(
                words.by_class, ("move", "kind", "fill", "size_feet", "moves", "teu"), classes
            ),
        ]

    def _change(self) -> list[Markup]:
        words, change = self._words, self._found.change
        assert change is not None
        causes = [(cause, amount) for cause, amount in change.by_cause().items()]
        places = [
            (part.cause.value, part.terminal, part.on, part.source, part.events, part.amount)
            for part in change.parts[:MOST_SHOWN]
        ]
        found = [
            self._table(words.by_cause, ("cause", "teu"), causes),
            self._table(
                words.by_place, ("cause", "terminal", "day", "source", "events", "teu"), places
            ),
        ]
        if change.unexplained:
            said = self._plain(words.unexplained, amount=f"{change.unexplained:+,}")
            found.insert(0, warning(said))
        if len(change.parts) > MOST_SHOWN:
            found.append(self._cut())
        return found

    def _records(self) -> list[Markup]:
        rows = self._found.records[:MOST_SHOWN]
        columns = (*(("cause", "amount") if self._found.change is not None else ()), *SHOWN)
        filled = [name for name in columns if any(row[name] is not None for row in rows)]
        lines = [tuple(row[name] for name in filled) for row in rows]
        table = self._table(self._words.records, tuple(filled), lines)
        return [table, self._cut()] if len(self._found.records) > MOST_SHOWN else [table]

    def _cut(self) -> Markup:
        said = self._plain(self._words.first_shown, count=str(MOST_SHOWN))
        return element("p", {"class": "note"}, said)

    def _table(
        self, title: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
    ) -> Markup:
        heads = [
            element("th", {"scope": "col", "class": _side(name)}, self._words.columns[name])
            for name in columns
        ]
        lines = [
            element(
                "tr",
                None,
                joined(
                    [
                        element("td", {"class": _side(name)}, self._cell(value))
                        for name, value in zip(columns, row, strict=True)
                    ]
                ),
            )
            for row in rows
        ]
        head = element("thead", None, element("tr", None, joined(heads)))
        table = element("table", {"class": "data"}, head, element("tbody", None, joined(lines)))
        scrolls = element("div", {"class": "scroll"}, table)
        return element("section", None, element("h2", None, title), scrolls)

    def _cell(self, value: Any) -> str:
        if isinstance(value, Markup):
            return value
        if isinstance(value, datetime):
            return self._clock(value)
        if isinstance(value, int | Decimal):
            return f"{value:,}"
        return "" if value is None else self.said(str(value))

    def _clock(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"

    def _a(self, asked: AskedFigure, said: str) -> Markup:
        return element("a", {"href": asked.link(EXPLAINED, self._view)}, said)


_NUMBERS = frozenset(("teu", "amount", "moves", "records", "events"))


def _side(column: str) -> str:
    return "number" if column in _NUMBERS else ""
