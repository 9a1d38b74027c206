"""Forty differences, several on one move: each cause has its part, and they sum to the whole."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from contract.evidence.statement import StatedMove
from register.reconciliation.causes import DifferenceCause
from tests.unit.ledger.records import at, retracted
from tests.unit.register.reconciliation.august import (
    booked,
    compare,
    figures,
    registered,
    stated,
)

LATER = "2026-08-20T00:00:00+08:00"
JULY, AUGUST = "2026-07-31T23:50:00+08:00", "2026-08-01T00:10:00+08:00"
MORNING, NIGHT = "2026-08-11T00:10:00+08:00", "2026-08-10T23:50:00+08:00"


def planted() -> tuple[list[Any], list[StatedMove]]:
    """Events and the statement; the numbers after each line are records and TEU of its cause."""
    events = [booked(n) for n in range(100)]  # 100.00 with us
    statement = [stated(n, kind="normal") for n in range(100)]

    def pairs(first: int, count: int, ours: dict[str, Any], **theirs: Any) -> None:
        events.extend(booked(n, **ours) for n in range(first, first + count))
        statement.extend(stated(n, **theirs) for n in range(first, first + count))

    pairs(200, 3, {"terminal": "THW", "size": "42G1"}, iso_code="42G1")  # only_theirs 3: +6
    statement.append(stated(0))  # twice with them: only_theirs 1: +1
    pairs(205, 2, {"event": "DISC", "size": "42G1"}, iso_code="42G1")  # they say LOAD:
    # only_theirs 2: +4, only_ours 2: -4 of 4.00
    events += [booked(n, number=None) for n in (210, 211)]  # only_ours 2: -2 of 2.00
    pairs(220, 3, {"time": JULY}, time=at(AUGUST))  # other_day 3: +3
    pairs(225, 2, {"time": NIGHT}, time=at(MORNING))  # other_day 2: 0 of 2.00
    pairs(230, 1, {"time": JULY}, time=at(AUGUST), iso_code="42G1")
    # as ours it enters with 1.00, and it is longer: other_day 1: +1, other_size 1: +1
    pairs(235, 2, {}, iso_code="42G1", fill="EMPTY")  # other_size 2: +2, other_fill 2: 0 of 2.00
    pairs(240, 4, {"size": "L5G1"}, iso_code="L5G1", hundredths=200)  # other_size 4: -1 of 9.00
    pairs(245, 2, {"fill": None})  # other_fill 2: 0 of 2.00
    pairs(250, 2, {"transhipment": True})  # other_kind 2: 0 of 2.00
    pairs(255, 1, {"status": 5, "size": "42G1"}, iso_code="42G1")  # other_kind 1: +2
    pairs(260, 2, {"size": "42G1"}, iso_code="42G1", kind="restow")  # other_kind 2: -4 of 4.00
    pairs(265, 2, {}, iso_code="42G1")  # amended to 40 ft, then withdrawn: retracted 2: +4
    events += [booked(n, size="42G1", recorded=LATER) for n in (265, 266)]
    events += [retracted(f"e{n}") for n in (265, 266)]
    events.append(retracted("e270"))  # before its move came
    pairs(270, 1, {})  # retracted 1: +1
    pairs(275, 2, {"size": None})  # unsized 2: +2
    pairs(277, 1, {"size": None}, iso_code=None)  # neither knows it: no difference
    pairs(280, 2, {"classifier": "EST"})  # planned with us: set_aside 2: +2
    pairs(285, 1, {})  # 1.00
    events.append(replace(booked(286), id="e285"))  # another box by the same id
    statement.append(stated(286))  # set_aside 1: +1
    return events, statement


def test_moves_that_differ_in_several_ways_are_told_by_each(tmp_path: Path) -> None:
    events, statement = planted()

    done = compare(registered(tmp_path, events), statement)

    expected: dict[DifferenceCause, tuple[int, int]] = {
        DifferenceCause.ONLY_THEIRS: (3 + 1 + 2, 6 + 1 + 4),
        DifferenceCause.ONLY_OURS: (2 + 2, -4 - 2),
        DifferenceCause.OTHER_DAY: (3 + 2 + 1, 3 + 0 + 1),
        DifferenceCause.OTHER_SIZE: (1 + 2 + 4, 1 + 2 - 1),
        DifferenceCause.OTHER_FILL: (2 + 2, 0),
        DifferenceCause.OTHER_KIND: (2 + 1 + 2, 0 + 2 - 4),
        DifferenceCause.RETRACTED: (2 + 1, 4 + 1),
        DifferenceCause.UNSIZED: (2, 2),
        DifferenceCause.SET_ASIDE: (2 + 1, 2 + 1),
    }
    assert sum(records for records, _ in expected.values()) == 40
    found = {cause: (one.records, float(one.amount)) for cause, one in done.causes.items()}
    assert found == expected
    # ours: 100, 4, 2, 2, 2, 9, 2, 2, 4 and 1
    assert figures(done) == (128 + 19, 128)
    assert done.difference == sum(amount for _, amount in expected.values()) == 19
    assert done.unexplained == 0
    notes = [record[done.columns.index("note")] for record in done.records]
    assert {note: notes.count(note) for note in set(notes) - {None}} == {
        "counted at THW": 3,
        "more than once in the statement": 1,
        "without a container number": 2,
        "not_actual": 2,
        "conflict": 1,
    }
    explaining = [record for record in done.records if record[done.columns.index("explains")]]
    amounts = [record[done.columns.index("amount")] for record in explaining]
    # of 2.00 there are 3, 2, 1 and 2, which make 16; three of 1.00 make 19
    assert sorted(amounts, reverse=True) == [Decimal(2)] * 8 + [Decimal(1)] * 3
