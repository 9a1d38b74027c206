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
DAY_BEFORE = "since=24h"


@dataclass(frozen=True)
class ExplainLinks:
    """The links of one language, in Grafana's variables; each opens a tab of its own.

    `${__value.raw}` is the value of a cell before it is put into words, such as a terminal's code.
    """

    language: Language
    web: str = WEB
    """The address of the web page."""

    def of_year(self) -> list[Any]:
        """From a figure of the year to its sums, and to what changed it since yesterday."""
        return [
            self._link("Explain this year", YEAR),
            self._link("What changed in the last 24 hours", YEAR, DAY_BEFORE),
        ]

    def of_day(self) -> list[Any]:
        """From a point of a curve to its day, all terminals, and to what changed the year."""
        return [
            self._link("Explain this day", POINT),
            self._link("What changed in the last 24 hours", YEAR, DAY_BEFORE),
        ]

    def of_terminals_day(self) -> list[Any]:
        """From a point of a terminal's curve to the terminal's day."""
        terminal = "terminal=${__field.labels.terminal}"
        return [self._link("Explain this terminal's day", POINT, terminal)]

    def of_terminal(self) -> list[Any]:
        """From a terminal's cell to its year, its yesterday, and what changed."""
        terminal = "terminal=${__value.raw}"
        return [
            self._link("Explain this terminal's year", YEAR, terminal),
            self._link("Explain this terminal's yesterday", terminal),
            self._link("What changed in the last 24 hours", YEAR, terminal, DAY_BEFORE),
        ]

    def of_terminals_moves(self) -> list[Any]:
        """From a terminal's cell to its moves over the quay and the gate, and those unsized."""
        terminal = "terminal=${__value.raw}"
        return [
            self._link("Explain this terminal's year", YEAR, terminal),
            self._link("Its moves into the gate", YEAR, terminal, "move=GTIN"),
            self._link("Its moves out of the gate", YEAR, terminal, "move=GTOT"),
            self._link("Its moves without a size", YEAR, terminal, "reason=unknown_size"),
        ]

    def of_class(self) -> list[Any]:
        """From a class of the cargo mix to its sums."""
        return [self._link("Explain this class", YEAR, "class=${__value.raw}")]

    def of_reason(self, book: Book) -> list[Any]:
        """From a reason of rejected events to those of the year, in each port area."""
        says = ("state=refused", "reason=${__value.raw}", "records=1")
        # the board of the pipeline has no variable of the year
        year = "period=${__to:date:YYYY}"
        return [
            self._link(
                "Records of this reason", year, *says, area=quote(area.code, safe=""),
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
