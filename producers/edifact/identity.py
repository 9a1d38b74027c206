"""The id of a move: the same however often, and in whichever document, the move is reported.

A lift over the quay is known by move, terminal, container, ship, voyage and a period of 90 days,
since voyage numbers come again.  A passage of the gate, or a lift without a voyage, is known by
its minute instead.  docs/decisions/identity-of-a-move.md has the reasons and examples.

A period must not break at its edges, and no reader knows what others have read.  So a report
within 3 days of an edge also names the id that its move has on the other side (`edges`): the
import says under that id that the move is not there.  Of two reports on both sides of an edge the
newer one stands then, in whatever order they come.  A correction names both neighbouring periods,
so it finds its original when it moves the time by up to 90 days.
"""

import hashlib
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from contract.events import EquipmentEvent
from contract.move_class import QUAY_MOVES

PERIOD_DAYS = 90  # voyage numbers come again after half a year or more: two periods are 180 days
EDGE_DAYS = 3  # a ship lies at the quay for one to three days
LONGEST = 200  # characters of a readable id; the contract takes 256

IdentityRule = Literal["move", "time", "document"]
"""By what a partner's moves are known: `identity` of its profile."""


class MoveParts(Struct, frozen=True, gc=False):
    """What tells one move from another."""

    move: EquipmentEvent
    terminal: str
    container: str
    """The container's number; without one, its place in its document."""
    ship: str
    voyage: str
    occurred: datetime
    numbered: bool = True
    """Whether the container has a number."""


class MoveIdentity(Struct, frozen=True, gc=False):
    """The id of a move, and the ids that it has in the periods beside its own."""

    id: str
    edges: tuple[str, ...] = ()


def identity(parts: MoveParts, rule: IdentityRule, *, corrects: bool) -> MoveIdentity:
    """Return the id of a move by the rule `move` or `time`."""
    move, voyage = parts.move, parts.voyage
    known = f"{_names(move, parts.terminal)}|{_plain(parts.container)}"
    if move not in QUAY_MOVES or not voyage or rule == "time" or not parts.numbered:
        return MoveIdentity(_short(f"{known}|{minute(parts.occurred)}"))
    known = _short(f"{known}|{_names(parts.ship, voyage)}")
    day = parts.occurred.toordinal()
    of_period = day % PERIOD_DAYS
    neighbours: list[int] = []
    if corrects or of_period < EDGE_DAYS:
        neighbours.append(day - PERIOD_DAYS)
    if corrects or of_period >= PERIOD_DAYS - EDGE_DAYS:
        neighbours.append(day + PERIOD_DAYS)
    own = f"{known}|{_period(day)}"
    if not neighbours:
        return MoveIdentity(own)
    return MoveIdentity(own, tuple(f"{known}|{_period(other)}" for other in neighbours))


def document_id(
    parts: MoveParts, document: str, place_in_document: str, journey: str
) -> MoveIdentity:
    """Return the id of a move by document, container and move: the rule `document`.

    A report without a document number is known by ship and voyage, or by its time.  These are the
    ids that all moves had before 0.1.0.
    """
    move, container = parts.move, parts.container
    if not parts.numbered:
        return MoveIdentity(_short(f"{place_in_document}|{move}"))
    return MoveIdentity(
        _short(f"{document or journey or parts.occurred.isoformat()}|{container}|{move}")
    )


def ship_code(code: str) -> str:
    """Return a ship's code without the letters IMO that some senders put before the number."""
    number = code[3:].strip()
    return number if code[:3].upper() == "IMO" and number.isdigit() else code


def minute(at: datetime) -> str:
    """Return the minute of an instant in UTC, such as 2026-03-05T02:12Z."""
    return f"{_hour(at.toordinal(), at.hour)}:{at.minute:02}Z"


@lru_cache(1024)  # each hour has many moves, and isoformat takes three times as long
def _hour(day: int, hour: int) -> str:
    """Return an hour of a day, counted from the year 1, such as 2026-03-05T02."""
    return f"{date.fromordinal(day).isoformat()}T{hour:02}"


def is_reference(document: str, container: str = "") -> bool:
    """Return whether a document number can name a document.

    Real senders also write a constant text, zeros, or the number of the container there.
    """
    digits = document.translate(_NO_ZEROS)
    return any(c.isdigit() for c in digits) and document.upper() != container


_NO_ZEROS = str.maketrans("", "", "0")


@lru_cache(1024)  # ships, voyages and terminals come again with each container
def _names(*names: str) -> str:
    """Return names as they stand in an id."""
    return "|".join(map(_plain, names))


def _plain(text: str) -> str:
    """Return a part of an id: capitals, single blanks, no separator."""
    if text.isalnum() and text.isupper():
        return text
    return " ".join(text.upper().replace("|", "/").split())


@lru_cache(1024)
def _period(day: int) -> str:
    """Return the first day of the period of a day, both counted from the year 1."""
    first = day - day % PERIOD_DAYS
    return date.fromordinal(first).isoformat() if first > 0 else "0"


def _short(name: str) -> str:
    if len(name) > LONGEST:
        return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    return name
