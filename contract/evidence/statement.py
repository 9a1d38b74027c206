"""A statement of what a terminal or a line counts: its moves or its totals, line by line.

`python -m producers statement` reads it as an import would, and prints one line as JSON for each;
the stack compares them with the register.
"""

from datetime import date, datetime

from msgspec import Struct


class StatedMove(Struct, frozen=True, omit_defaults=True, gc=False, tag="move"):
    """A move of a statement; "" and None mean that the statement does not say.

    Attributes:
        at: file and place in it.
        event_id: source and id; "" where the statement gives none, so that equal rows are two.
        hundredths: TEU in hundredths, by the statement itself.
        kind: normal, transhipment or restow.
    """

    at: str
    terminal: str
    move: str
    time: datetime
    recorded: datetime
    event_id: str = ""
    retracted: bool = False
    container: str | None = None
    iso_code: str | None = None
    hundredths: int | None = None
    fill: str | None = None
    kind: str | None = None
    voyage: str | None = None
    vessel: str | None = None


class StatedRetraction(Struct, frozen=True, tag="retraction"):
    """An event that the statement takes back."""

    at: str
    event_id: str


class StatedTotal(Struct, frozen=True, omit_defaults=True, tag="total"):
    """A total of a statement: of the days from `first` to `last`, or of a ship or voyage.

    `hundredths` of a TEU and `moves` are None if the statement does not say; at least one is
    given.  The classes are by our words; None is all of them.
    """

    at: str
    first: date | None = None
    last: date | None = None
    vessel: str | None = None
    voyage: str | None = None
    terminal: str | None = None
    move: str | None = None
    kind: str | None = None
    fill: str | None = None
    size_feet: str | None = None
    hundredths: int | None = None
    moves: int | None = None


class UnreadLine(Struct, frozen=True, tag="unread"):
    """A line that can't be read, and why."""

    at: str
    reason: str
    message: str


class StatementNote(Struct, frozen=True, tag="note"):
    """A warning of the reader, such as a column that is not read."""

    at: str
    message: str


class StatementEnd(Struct, frozen=True, tag="end"):
    """The end of a statement; `left_out` counts its lines that are no throughput, by why."""

    left_out: dict[str, int]


StatementLine = (
    StatedMove | StatedRetraction | StatedTotal | UnreadLine | StatementNote | StatementEnd
)
