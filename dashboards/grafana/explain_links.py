"""Data links from a figure to the page of our web server that takes it apart to its records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from grafanalib import core

from contract.alerting import WEB
from contract.book import Book
from dashboards.grafana.language import Language

POINT = "at=${__value.time}"
"""The day of a point; the page counts days in the port's zone, a browser in its own."""
YEAR = "period=${year}"
MONTH = "at=${__to}&span=month"
DAY_BEFORE = "since=24h"
SHOWN = "shown=${__to}"
"""As the board shows it: at the end of its range; the page takes an end that lies ahead as now."""
AT_POINT = "known=${__value.time}"
CHOSEN = "terminals=${terminal:pipe}"
"""The terminals that the board's variable chooses."""
VALUE = "${__value.raw}"
"""The value of a cell before it is put into words, such as a terminal's code."""
ROW = "${__data.fields.code}"
"""What the row of a cell is about, from the hidden column of its code."""
CHANGED = "What changed in the last 24 hours"


@dataclass(frozen=True)
class ExplainLinks:
    """The links of one language, in Grafana's variables; each opens a tab of its own.

    The title of a link names the figure that its page shows.
    """

    language: Language
    web: str = WEB
    """The address of the web page."""

    def of_year(self) -> list[Any]:
        """From a figure of the year to its sums, and to what changed it since yesterday."""
        return [
            self._link("TEU of this year", YEAR, SHOWN),
            self._link(CHANGED, YEAR, DAY_BEFORE, SHOWN),
        ]

    def of_month(self) -> list[Any]:
        """From a figure of the running month to its sums, and to what changed it."""
        return [
            self._link("TEU of this month", MONTH, SHOWN),
            self._link(CHANGED, MONTH, DAY_BEFORE, SHOWN),
        ]

    def of_moment(self) -> list[Any]:
        """From a point of the year's curve to the year as known then, and to the point's day."""
        return [
            self._link("TEU of this year, as known then", YEAR, AT_POINT),
            self._link("What changed in the 24 hours before", YEAR, DAY_BEFORE, AT_POINT),
            self._link("TEU of this day", POINT),
        ]

    def of_day(self) -> list[Any]:
        """From a point of a curve by day to that day, at the terminals that are chosen."""
        return [
            self._link("TEU of this day", POINT, CHOSEN),
            self._link("What changed this day afterwards", POINT, "since=next_day", CHOSEN),
        ]

    def of_terminals_day(self) -> list[Any]:
        """From a point of a terminal's curve to the terminal's day."""
        terminal = "terminal=${__field.labels.terminal}"
        return [self._link("TEU of this terminal's day", POINT, terminal)]

    def of_terminal(self) -> list[Any]:
        """From a terminal's name to its year, and to what changed it."""
        terminal = f"terminal={VALUE}"
        return [
            self._link("TEU of this terminal's year", YEAR, terminal, SHOWN),
            self._link(CHANGED, YEAR, terminal, DAY_BEFORE, SHOWN),
        ]

    def of_terminals_year(self) -> list[Any]:
        """From a number of a terminal to its year."""
        return [self._link("TEU of this terminal's year", YEAR, f"terminal={ROW}", SHOWN)]

    def of_terminals_last_day(self) -> list[Any]:
        """From a number of a terminal to the last day that was over."""
        return [self._link("TEU of this terminal's last day", f"terminal={ROW}", SHOWN)]

    def of_moves(self, *which: str) -> list[Any]:
        """From a number of moves of a terminal to these moves of the year."""
        return [self._link("These moves", YEAR, f"terminal={ROW}", *which, SHOWN)]

    def of_class(self, which: str = VALUE) -> list[Any]:
        """From a class of the cargo mix to its sums at the terminals that are chosen."""
        return [self._link("TEU of this class", YEAR, f"class={which}", CHOSEN, SHOWN)]

    def of_reason(self, book: Book, reason: str = VALUE) -> list[Any]:
        """From a reason to the records rejected for it in the board's range, by port area."""
        # a move of unknown size is among the rejected ones of the board, though it counts
        return self._rejected(book, f"reason={reason}", "since=${__from}", SHOWN)

    def of_partners_reason(self, book: Book) -> list[Any]:
        """From a partner's reason to the records rejected for it in 24 hours, by port area."""
        of_row = (f"reason={VALUE}", f"partner={ROW}")
        return self._rejected(book, *of_row, "state=refused", DAY_BEFORE, SHOWN)

    def _rejected(self, book: Book, *asked: str) -> list[Any]:
        """Return the links from a reason; a record may be of any day, or of none."""
        says = ("period=all", *asked, "records=1")
        return [
            self._link(
                "Records of this reason", *says, area=quote(area.code, safe=""),
                of=self.language.name(area.name) if len(book.area) > 1 else "",
            )
            for area in book.area
        ]  # fmt: skip

    def _link(self, title: str, *asked: str, area: str = "${port_area}", of: str = "") -> Any:
        query = "&".join((f"lang={self.language.lang}", f"area={area}", *asked))
        said = " · ".join(filter(None, (self.language.text(title), of)))
        return core.DataLink(said, f"{self.web.rstrip('/')}/explain?{query}", True)


def as_style(links: Sequence[Any]) -> dict[str, Any]:
    """Return links as a property of an override, which figures, lines and columns have."""
    return {"links": list(links)}
