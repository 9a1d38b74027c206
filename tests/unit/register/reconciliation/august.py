"""A register of August 2026 at terminal THE, and statements of it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from contract.container import check_digit
from contract.evidence.statement import StatedMove
from register.reconciliation.answer import Reconciled
from register.reconciliation.causes import DifferenceCause
from register.reconciliation.of_moves import reconciled
from register.reconciliation.sides import ComparisonTerms
from register.reconciliation.stated_moves import StatedMoves, scratch
from register.selection import Selection, SummedUnit
from register.store import RegisterStore
from tests.unit.ledger.records import BOOK, moved, topic

FIRST, LAST = date(2026, 8, 1), date(2026, 8, 31)
AUGUST = Selection(terminal="THE", first=FIRST, last=LAST)
RECEIVED = datetime.fromisoformat("2026-09-02T00:00:00+00:00")


def number(n: int) -> str:
    """A container number with its check digit."""
    head = f"QMKU{n:06}"
    return f"{head}{check_digit(head)}"


def when(n: int) -> str:
    """Noon of the n-th day of August, from 1 to 31 and again."""
    return f"2026-08-{n % 31 + 1:02}T12:00:00+08:00"


def booked(n: int, **other: Any) -> Any:
    """The event of box n: a 20 ft box (1 TEU), laden, loaded."""
    return moved(f"e{n}", **({"time": when(n), "number": number(n)} | other))


def stated(n: int, **other: Any) -> StatedMove:
    """The same move as a statement says it."""
    at = datetime.fromisoformat(when(n))
    return replace(
        StatedMove(
            at=f"line {n}",
            terminal="THE",
            move="LOAD",
            time=at,
            recorded=at,
            container=number(n),
            iso_code="22G1",
            fill="LADEN",
        ),
        **other,
    )


def registered(folder: Path, events: Iterable[Any]) -> Path:
    """Write a register of events that arrived after August."""
    RegisterStore(folder, BOOK).add({0: topic(events, received=RECEIVED)})
    return folder


def compare(
    folder: Path,
    statement: Iterable[StatedMove],
    selection: Selection = AUGUST,
    measure: SummedUnit = SummedUnit.TEU,
    **terms: timedelta,
) -> Reconciled:
    with scratch() as connection:
        moves = StatedMoves(connection, BOOK.port.teu)
        for move in statement:
            moves.add(move)
        moves.close()
        return reconciled(
            connection, folder, BOOK, ComparisonTerms(selection=selection, **terms), measure
        )


def figures(done: Reconciled) -> tuple[float, float]:
    """Their figure and ours."""
    return float(done.theirs), float(done.ours)


def amounts(done: Reconciled) -> dict[DifferenceCause, float]:
    """Cause -> its amount."""
    return {cause: float(one.amount) for cause, one in done.causes.items()}
