"""Tables of the pages about figures: sums and records, in one language, with their links."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from register.questions import VersionRow
from reports.forms.markup import Markup, element, joined
from reports.language.language import LANGUAGES
from web.pages.explain_wording import EXPLAIN_WORDS
from web.pages.page_frame import FOUND
from web.pages.value_words import in_words, place_in_words
from web.pages.view import PageView

MOST_SHOWN = 200
"""Records of a page; a file has more."""
SOUGHT_BY = {"container": "container", "vessel_name": "vessel", "voyage": "voyage"}
"""Column -> by which name its values are found."""
_NUMBERS = frozenset(("teu", "amount", "moves", "records", "events", "size_feet"))
_CHANGES = frozenset(("amount", "change"))
"""Columns whose numbers say by how much something changed."""


def _never(_: VersionRow) -> bool:
    return False


class PageTables:
    """Tables in the language of a view, with instants in a time zone."""

    def __init__(self, view: PageView, zone: tzinfo | None) -> None:
        self._view, self._zone, self._lang = view, zone, view.lang
        self._words, self._plain = EXPLAIN_WORDS[view.lang], LANGUAGES[view.lang].plain

    def table(
        self,
        title: str,
        columns: tuple[str, ...],
        rows: Sequence[tuple[Any, ...]],
        muted: frozenset[int] = frozenset(),
    ) -> Markup:
        """Return a table with its title; a cell that is markup stays as it is.

        `muted` are the numbers of the rows that are shown in grey, from 0.
        """
        heads = [
            element("th", {"scope": "col", "class": _side(name)}, self._words.columns[name])
            for name in columns
        ]
        lines = [
            element(
                "tr",
                {"class": "muted" if number in muted else ""},
                joined(
                    [
                        element("td", {"class": _side(name)}, self.cell(name, value))
                        for name, value in zip(columns, row, strict=True)
                    ]
                ),
            )
            for number, row in enumerate(rows)
        ]
        head = element("thead", None, element("tr", None, joined(heads)))
        table = element("table", {"class": "data"}, head, element("tbody", None, joined(lines)))
        scrolls = element("div", {"class": "scroll", "tabindex": "0"}, table)
        return element("section", None, element("h2", None, title), scrolls)

    def records(
        self,
        columns: tuple[str, ...],
        rows: Sequence[VersionRow],
        is_muted: Callable[[VersionRow], bool] = _never,
    ) -> list[Markup]:
        """Return a table of the first records, without columns that are empty in all of them.

        Boxes, ships and voyages lead to all their records.
        """
        first = rows[:MOST_SHOWN]
        filled = tuple(
            name for name in columns if any(row[name] not in (None, "") for row in first)
        )
        lines = [tuple(self._of_record(name, row) for name in filled) for row in first]
        muted = frozenset(number for number, row in enumerate(first) if is_muted(row))
        table = element(
            "div", {"class": "records"}, self.table(self._words.records, filled, lines, muted)
        )
        return [table, self.cut()] if len(rows) > MOST_SHOWN else [table]

    def _of_record(self, column: str, row: VersionRow) -> Any:
        """Return what a cell of a record shows: a link, a place, or why it was refused."""
        value, by = row[column], SOUGHT_BY.get(column)
        if by is not None and value:
            return element("a", {"href": self._view.link(FOUND, by=by, sought=value)}, value)
        if column == "place" and row["file"] is not None:
            return f"{row['file']}: {place_in_words(str(row['line']), self._view.lang)}"
        if column == "reason" and row["error"]:
            return element("abbr", {"title": row["error"]}, self.cell(column, value))
        if column == "known_to" and value is not None and value <= row["known_from"]:
            return self._words.never_stood
        return value

    def cut(self) -> Markup:
        """Return the note that a table shows the first rows only."""
        said = self._plain(self._words.first_shown, count=str(MOST_SHOWN))
        return element("p", {"class": "note"}, said)

    def cell(self, column: str, value: Any) -> str:
        """Return a value as its column says it."""
        if isinstance(value, Markup):
            return value
        if isinstance(value, datetime):
            return self.clock(value)
        if isinstance(value, int | Decimal):
            return f"{value:+,}" if column in _CHANGES else f"{value:,}"
        return "" if value is None else in_words(column, str(value), self._lang)

    def clock(self, at: datetime) -> str:
        """Return an instant in the port's zone, to the second."""
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"


def _side(column: str) -> str:
    """Return the class of a column's cells: numbers stand at the right, long places wrap."""
    if column == "place":
        return "place"
    return "number" if column in _NUMBERS | _CHANGES else ""
