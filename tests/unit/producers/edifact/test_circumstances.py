"""Moves share what their groups say in the same bytes, and nothing that they say otherwise."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from contract.events import Fill, Mode, MoveStatus
from producers.edifact.header import instant
from tests.unit.producers.edifact.test_moves import box, coarri, moves

OTHER = "MSKU0000080"
"""The number of the second container of each message."""


def at_thc(field: str) -> str:
    """The second container, whose terminal this field names as THC."""
    return box(OTHER).replace("LOC+165+CNNTG:139:6+ETCT", f"{field}+CNNTG:139:6+THC")


@pytest.mark.parametrize(
    ("second", "field", "said"),
    [
        (box(OTHER, size="45G1"), "ISOEquipmentCode", "45G1"),
        (box(OTHER, status="6"), "moveStatus", MoveStatus.TRANSHIPMENT),
        (box(OTHER, fill="4"), "emptyIndicatorCode", Fill.EMPTY),
        # The partner's THC is our THC; a blank or a release changes no qualifier.
        (at_thc("LOC+165"), "facilityCode", "THC"),
        (at_thc("LOC+ 165"), "facilityCode", "THC"),
        (at_thc("LOC+1?65"), "facilityCode", "THC"),
        (box(OTHER).replace("LOC+165+CNNTG", "LOC+165+CNSHA"), "UNLocationCode", "CNSHA"),
        # The number holds a released "+", so the size follows one "+" later.
        (box("A?+B", size="45G1"), "ISOEquipmentCode", "45G1"),
        # One element is missing, so the 5 stands where the status does: a shifter.
        (box(OTHER).replace("++3+5", "+3+5"), "moveStatus", MoveStatus.SHIFTER),
        # A letter of Latin-1 in the number: its EQD is no UTF-8.
        (box("É" + OTHER[1:], size="L5G1"), "ISOEquipmentCode", "L5G1"),
    ],
)  # fmt: skip
def test_a_box_that_differs_in_one_thing_is_read_by_its_own(
    second: str, field: str, said: object
) -> None:
    first, found = moves(coarri(box(), second))

    assert getattr(found.data, field) == said
    assert getattr(first.data, field) != said
    assert [found.data] == [move.data for move in moves(coarri(second))]


def test_a_box_under_many_fields_of_its_own_shares_its_circumstances() -> None:
    """LOC+147 is its place on board; bytes that name no place of the move change nothing."""
    own = ("LOC+147+0120482::5", "LOC+97+DEHAM:139:6", "SEL+1+CA", "MEA+AAE+G+KGM:2100")
    first, second = moves(coarri(box(), box(OTHER, "22G1", "3", "5", *own)))

    assert first.data.transportCall is second.data.transportCall
    assert first.data.facilityCode is second.data.facilityCode
    assert (first.data.equipmentReference, second.data.equipmentReference) == (
        "CSQU3054383",
        OTHER,
    )


def test_each_truck_and_train_at_the_gate_is_its_own() -> None:
    """TDT+1 names what brought each box: 3 is a truck, 2 a train (UN/EDIFACT 8067)."""
    boxes = [
        box(number, at="202603010830", status="2").replace("DTM+203", "DTM+7")
        for number in ("CSQU3054383", OTHER, "MSKU1234565")
    ]
    by_truck, by_train = boxes[0] + "TDT+1++3'", boxes[1] + "TDT+1++2'"
    found = moves(coarri(by_truck, by_train, boxes[2], code="34", kind="CODECO:D:95B:UN:SMDG16"))

    modes = [move.data.transportCall and move.data.transportCall.modeOfTransport for move in found]
    assert modes == [Mode.TRUCK, Mode.RAIL, None]


@pytest.mark.parametrize(
    ("text", "in_utc"),
    [
        # Madrid is one hour ahead of UTC in winter and two in summer.
        ("202603282330", datetime(2026, 3, 28, 22, 30, tzinfo=UTC)),
        ("202603290130", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),  # summer begins at 2:00
        ("202603290330", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("202603300030", datetime(2026, 3, 29, 22, 30, tzinfo=UTC)),
        ("202610250130", datetime(2026, 10, 24, 23, 30, tzinfo=UTC)),  # it ends at 3:00
        ("202610250330", datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),
    ],
)
def test_a_time_has_the_offset_of_its_hour_on_the_days_that_change_it(
    text: str, in_utc: datetime
) -> None:
    assert instant(text, "203", ZoneInfo("Europe/Madrid")) == in_utc
