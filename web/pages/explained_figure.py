"""A figure taken apart: its sums by state, class and cause, each leading to its records."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct, structs

from register.columns import State
from register.questions import (
    Cause,
    ChangePart,
    ClassPart,
    Explanation,
    StandingPart,
    VersionRow,
)
from register.selection import Amount
from reports.forms.html import warning
from reports.forms.markup import Markup, element
from reports.language.language import LANGUAGES
from web.figures.books_verdict import BooksComparison
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.agreement_note import agreement_note
from web.pages.asked_figure import AskedFigure
from web.pages.asked_moments import ALL_DAYS
from web.pages.explain_wording import EXPLAIN_WORDS
from web.pages.found_records import find_form
from web.pages.page_frame import EXPLAINED, areas_of, header, page
from web.pages.page_tables import MOST_SHOWN, PageTables
from web.pages.sought import Sought
from web.pages.value_words import NO_REASON, in_words
from web.pages.view import PageView

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
    books: BooksComparison | None = None
    """The figure beside the books; None if it is not compared."""
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
    areas = areas_of(site, view.lang)
    known = structs.replace(view, area=owner.code if len(areas) > 1 else view.area)
    period = EXPLAIN_WORDS[view.lang].all_days if asked.period == ALL_DAYS else asked.period
    name = f"{LANGUAGES[view.lang].name(owner.name)} · {period}"
    if asked.labels:
        name += f" · {' · '.join(in_words(*label, view.lang) for label in asked.labels)}"
    if asked.cause:
        name += f" · {in_words('cause', asked.cause, view.lang)}"
    return page(name, header(name, site.at, known, EXPLAINED, areas), shown.body(), view, None)


class _Shown:
    """The parts of the page, in one language."""

    def __init__(
        self, asked: AskedFigure, found: ExplainedFigure, site: SiteFigures, view: PageView
    ) -> None:
        self._asked, self._found, self._view = asked, found, view
        self._words, self._plain = EXPLAIN_WORDS[view.lang], LANGUAGES[view.lang].plain
        self._tables = PageTables(view, site.at.tzinfo)
        self._agreement = agreement_note(asked, found.books, site, view)

    def body(self) -> list[Markup]:
        """Return the totals, the ways to more, and the tables."""
        form = find_form(self._view, Sought())
        if self._found.fault:
            said = self._plain(self._words.unreadable, why=self._found.fault)
            return [form, warning(said)]
        if self._found.kept_to is None:
            return [form, element("p", {"class": "plain"}, self._words.no_register)]
        tables = self._change() if self._found.change is not None else self._content()
        if self._asked.records:
            tables = self._records()
        kept = self._plain(self._words.kept_to, at=self._clock(self._found.kept_to))
        note = element("p", {"class": "note"}, kept)
        return [form, self._lead(), self._agreement, self._ways(), *tables, note]

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
            said, when = self._standing(), self._plain(words.known_at, at=at)
            if self._asked.since is not None:
                since = self._clock(self._asked.since)
                when = self._plain(words.between, since=since, until=at)
        lead = element("b", None, said)
        return element("p", {"class": "lead"}, lead, f" {when}", *self._of_cause())

    def _standing(self) -> str:
        """Return the sum of what is counted, or how many records of a state were set aside."""
        every = self._asked.counts_records
        parts = [part for part in self._found.standing if every or part.state == State.COUNTED]
        records = sum(part.records for part in parts)
        if every:
            return self._plain(self._words.of_records, count=f"{records:,}")
        teu = sum((part.amount for part in parts), Amount(0))
        return self._plain(self._words.figure, teu=f"{teu:,}", moves=f"{records:,}")

    def _of_cause(self) -> list[str]:
        """Return how much of a change the cause is that was asked for, if one was."""
        if self._asked.cause is None or self._found.change is None:
            return []
        amount = self._found.change.by_cause().get(self._asked.cause, Amount(0))
        cause = in_words("cause", self._asked.cause, self._view.lang)
        said = self._plain(self._words.of_cause, cause=cause, amount=f"{amount:+,}")
        return [" · ", element("b", None, said)]

    def _ways(self) -> Markup:
        """Return the links to the records or the sums, to the last day's change, to the file."""
        asked, words = self._asked, self._words
        other = structs.replace(asked, records=not asked.records)
        ways = [self._a(other, words.all_sums if asked.records else words.show_records)]
        if asked.since is None and not asked.counts_records:
            day_before = structs.replace(asked, since=self._day_before(), records=False)
            ways.append(self._a(day_before, words.changed_since))
            if asked.known is not None:
                after = structs.replace(asked, since=asked.known, known=None, records=False)
                ways.append(self._a(after, words.changed_after))
        ways.append(element("a", {"href": asked.link(CSV, self._view)}, words.as_csv))
        return element("p", {"class": "ways"}, Markup(" · ".join(ways)))

    def _day_before(self) -> datetime:
        return self._found.at - timedelta(1)

    def _content(self) -> list[Markup]:
        words, asked, table = self._words, self._asked, self._tables.table
        if not self._found.standing:
            return [element("p", {"class": "plain"}, words.nothing)]
        states = [
            (
                *(part.state, part.reason, part.terminal, part.source),
                self._a(
                    asked.narrowed(
                        state=part.state,
                        reason=part.reason or NO_REASON,
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
                *(one.move, one.kind, one.fill or "unknown", one.size_feet),
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
            table(
                words.by_state, ("state", "reason", "terminal", "source", "records", "teu"), states
            ),
            table(words.by_class, ("move", "kind", "fill", "size_feet", "moves", "teu"), classes),
        ]

    def _change(self) -> list[Markup]:
        words, asked, change = self._words, self._asked, self._found.change
        assert change is not None
        parts = [part for part in change.parts if asked.cause in (None, part.cause)]
        events = Counter[Cause]()
        for part in parts:
            events[part.cause] += part.events
        by_cause = change.by_cause()
        causes = [
            (cause, self._a(asked.part_of_change(cause), f"{count:,}"), by_cause[cause])
            for cause, count in events.items()
        ]
        places = [
            (
                *(part.cause, part.terminal, part.on, part.source),
                self._a(self._place(part), f"{part.events:,}"),
                part.amount,
            )
            for part in parts[:MOST_SHOWN]
        ]
        found = [
            self._tables.table(words.by_cause, ("cause", "events", "change"), causes),
            self._tables.table(
                words.by_place, ("cause", "terminal", "day", "source", "events", "change"), places
            ),
        ]
        if not parts:
            found = [element("p", {"class": "plain"}, words.no_change)]
        if change.unexplained:
            said = self._plain(words.unexplained, amount=f"{change.unexplained:+,}")
            found.insert(0, warning(said))
        if len(parts) > MOST_SHOWN:
            found.append(self._tables.cut())
        return found

    def _place(self, part: ChangePart) -> AskedFigure:
        """Return the part of the change that has one cause, at one terminal, day and source."""
        return self._asked.part_of_change(
            part.cause, on=part.on.isoformat(), terminal=part.terminal, source=part.source
        )

    def _records(self) -> list[Markup]:
        of_change = ("cause", "amount") if self._found.change is not None else ()
        said = {name for name, _ in self._asked.labels} | (
            {"cause"} if self._asked.cause else set()
        )
        columns = tuple(name for name in (*of_change, *SHOWN) if name not in said)
        return self._tables.records(columns, self._found.records)

    def _clock(self, at: datetime) -> str:
        return self._tables.clock(at)

    def _a(self, asked: AskedFigure, said: str) -> Markup:
        return element("a", {"href": asked.link(EXPLAINED, self._view)}, said)
