"""Which moves a question is about: any of the labels of throughput, and a span of days."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct

from contract.book import NO_PARTNER


class SummedUnit(StrEnum):
    """What is summed."""

    TEU = "teu"
    """TEU of throughput, to the hundredth; 0 for gate moves, restows and unknown sizes."""
    MOVES = "moves"


class Selection(Struct, frozen=True, kw_only=True):
    """The moves of a question; what is None selects all.

    `first` and `last` are business days.  The moves are those over the quay, unless `move` names
    another: throughput has no gate moves.  What could not be read names no move, and is selected.
    """

    area: str | None = None
    terminal: str | None = None
    terminals: str | None = None
    """The codes of some terminals, with | between them; a point stands for any one letter."""
    move: str | None = None
    kind: str | None = None
    fill: str | None = None
    size_feet: str | None = None
    source: str | None = None
    state: str | None = None
    """counted, uncounted, retracted or refused."""
    reason: str | None = None
    """Why it is uncounted, refused or without TEU; "none" for no reason."""
    partner: str | None = None
    """Partner of quaymark.toml; "-" for records of none."""
    voyage: str | None = None
    vessel: str | None = None
    """IMO number or name of the ship."""
    first: date | None = None
    last: date | None = None
    came_after: datetime | None = None
    """Only records that Kafka got after this instant, of moves over the gate, too."""

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return the condition of a version in SQL, and its parameters by name."""
        every_move = self.move or self.came_after
        terms = [] if every_move else ["(move IN ('LOAD', 'DISC') OR move IS NULL)"]
        values: dict[str, Any] = {}
        for name, term in _TERMS.items():
            if (value := getattr(self, name)) is not None:
                terms.append(term)
                values[name] = value
        return " AND ".join(terms) or "true", values


_TERMS = {
    **{
        name: f"{name} = ${name}"
        for name in ("terminal", "move", "kind", "size_feet", "source", "state")
    },
    "area": "area IN ($area, '')",  # what was refused may name no terminal of the port
    "terminals": "regexp_full_match(terminal, $terminals)",
    "partner": f"coalesce(partner, '{NO_PARTNER}') = $partner",
    "came_after": "known_from > $came_after",
    "reason": "coalesce(reason, 'none') = $reason",
    "fill": "coalesce(fill, 'unknown') = $fill",
    "voyage": "upper(voyage) = upper($voyage)",
    "vessel": "(vessel_imo = $vessel OR upper(vessel_name) = upper($vessel))",
    "first": "business_day >= $first",
    "last": "business_day <= $last",
}
"""Field -> its condition."""

Amount = Decimal
"""TEU to the hundredth, or a number of moves."""


class MoveSums(NamedTuple):
    """The TEU and the moves of a selection."""

    teu: Amount
    moves: int

    def of(self, measure: SummedUnit) -> Amount:
        """Return the sum of one unit."""
        return self.teu if measure is SummedUnit.TEU else Amount(self.moves)
