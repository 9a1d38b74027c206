"""A statement of one ship or voyage: what is of it with them, and with us."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from contract.events import TransportCall, Vessel
from register.reconciliation.answer import Reconciled
from register.reconciliation.causes import DifferenceCause
from register.selection import Selection
from tests.unit.register.reconciliation.august import (
    AUGUST,
    amounts,
    booked,
    compare,
    figures,
    registered,
    stated,
)

IMO, OTHER_IMO = "9074729", "9319466"


def aboard(n: int, ship: str = "WOLF HILL", imo: str = IMO, voyage: str = "26320E") -> Any:
    vessel = Vessel(vesselIMONumber=imo, vesselName=ship)
    event = booked(n)
    call = TransportCall(vessel=vessel, exportVoyageNumber=voyage)
    return replace(event, data=replace(event.data, transportCall=call))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Boxes 1 to 3 on WOLF HILL, and box 4 on another ship: 1.00 TEU each."""
    other = aboard(4, "EAST SEA", OTHER_IMO, "26001E")
    return registered(tmp_path_factory.mktemp("register"), [*map(aboard, (1, 2, 3)), other])


def of_ship(folder: Path, statement: list[Any], **ship: str) -> Reconciled:
    return compare(folder, statement, replace(AUGUST, **ship))


def test_a_box_that_only_they_have_is_of_a_ship_that_is_asked_for_by_its_imo_number(
    folder: Path,
) -> None:
    statement = [stated(n, vessel="Wolf Hill") for n in (1, 2, 3, 9)]
    done = of_ship(folder, statement, vessel=IMO)
    assert figures(done) == (4, 3)
    assert amounts(done) == {DifferenceCause.ONLY_THEIRS: 1}


def test_a_box_that_they_have_on_another_ship_is_not_of_that_imo_number(folder: Path) -> None:
    statement = [stated(n, vessel="WOLF HILL") for n in (1, 2)] + [stated(3, vessel="EAST SEA")]
    done = of_ship(folder, statement, vessel=IMO)
    assert figures(done) == (2, 3)
    assert amounts(done) == {DifferenceCause.OTHER_SHIP: -1}


@pytest.mark.parametrize("ship", [{"voyage": "26320e"}, {"vessel": IMO}, {"vessel": "wolf hill"}])
def test_a_statement_that_names_no_ship_is_of_the_one_that_is_compared(
    folder: Path, ship: dict[str, str]
) -> None:
    done = of_ship(folder, [stated(n) for n in (1, 2, 3, 4, 9)], **ship)
    assert figures(done) == (4, 3)  # box 4 is of another ship with us, and they do not say
    assert amounts(done) == {DifferenceCause.ONLY_THEIRS: 1}
    assert len(done.warnings) == 1
    assert "so its 1 moves that we do not count are taken to be of" in done.warnings[0]


def test_a_ship_without_days_is_compared_alike(folder: Path) -> None:
    statement = [stated(n, vessel="wolf hill", voyage="26320E") for n in (1, 2, 9)]
    done = compare(folder, statement, Selection(terminal="THE", vessel="WOLF HILL"))
    assert figures(done) == (3, 3)
    assert amounts(done) == {DifferenceCause.ONLY_THEIRS: 1, DifferenceCause.ONLY_OURS: -1}
