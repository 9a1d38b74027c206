"""A statement of totals beside the books."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from contract.errors import Misconfigured
from contract.evidence.statement import StatedTotal
from register.reconciliation.answer import Reconciled
from register.reconciliation.causes import DifferenceCause
from register.reconciliation.cells import RegisterPart
from register.reconciliation.of_totals import reconciled_totals
from register.selection import Selection, SummedUnit
from tests.unit.ledger.records import BOOK
from tests.unit.register.reconciliation.august import (
    AUGUST,
    amounts,
    booked,
    figures,
    registered,
)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1 August: 2 of 1 TEU at 12:00, one of 2.25 at 05:00; 2 August: a restow of 2 TEU at 12:00,
    a transhipment of 2 TEU; 3 August: an empty one of 1 TEU at 07:00."""
    on = "2026-08-0{}T{}:00:00+08:00".format
    return registered(
        tmp_path_factory.mktemp("register"),
        [
            booked(1, time=on(1, 12)),
            booked(2, time=on(1, 12)),
            booked(3, time=on(1, "05"), size="L5G1"),
            booked(4, time=on(2, 12), size="42G1", status=5),
            booked(5, time=on(2, 12), size="42G1", transhipment=True),
            booked(6, time=on(3, "07"), fill="EMPTY"),
            booked(7, time=on(3, "07"), terminal="THW"),
        ],
    )


def of_day(day: int, teu: str | None = None, moves: int | None = None, **of: Any) -> StatedTotal:
    on = date(2026, 8, day)
    hundredths = None if teu is None else round(float(teu) * 100)
    total = StatedTotal(at=f"line {day}", first=on, last=on, hundredths=hundredths, moves=moves)
    return replace(total, **of)


def compare(
    folder: Path,
    totals: list[StatedTotal],
    selection: Selection = AUGUST,
    measure: SummedUnit = SummedUnit.TEU,
) -> Reconciled:
    return reconciled_totals(totals, RegisterPart(folder, BOOK, selection), measure)


def test_totals_that_are_the_books_show_no_difference(register: Path) -> None:
    done = compare(register, [of_day(1, "4.25"), of_day(2, "2"), of_day(3, "1")])
    assert figures(done) == (7.25, 7.25)
    assert not done.causes
    assert not (done.records + done.hints + done.warnings)


def test_each_total_that_differs_is_a_record_and_they_sum_to_the_difference(
    register: Path,
) -> None:
    done = compare(register, [of_day(1, "5.25"), of_day(3, "1"), of_day(9, "6")])
    assert amounts(done) == {
        DifferenceCause.ONLY_THEIRS: 6,  # 9 August
        DifferenceCause.ONLY_OURS: -2,  # 2 August
        DifferenceCause.OTHER_SUM: 1,  # 1 August
    }
    assert done.difference == 5
    assert done.unexplained == 0
    notes = [record[done.columns.index("note")] for record in done.records]
    assert "2026-08-02" in notes


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        # restows in: 2 August has 2 TEU more
        ([("1", "4.25"), ("2", "4"), ("3", "1")], "they count restows"),
        # 45 ft as 2: 1 August has 0.25 less
        ([("1", "4"), ("2", "2"), ("3", "1")], "they count a 45 ft box as 2 TEU"),
        # once: 2 August has 1 instead of 2
        ([("1", "4.25"), ("2", "1"), ("3", "1")], "they count a transhipment once"),
        # 06:00: the 2.25 of 05:00 belong to 31 July
        ([("1", "2"), ("2", "2"), ("3", "1")], "their day begins at 06:00"),
        # 08:00: that of 07:00 on 3 August goes to 2 August, too
        ([("1", "2"), ("2", "3"), ("3", "0")], "their day begins at 08:00"),
    ],
)
def test_the_convention_that_makes_the_difference_least_is_a_hint(
    register: Path, totals: list[tuple[str, str]], said: str
) -> None:
    done = compare(register, [of_day(int(day), teu) for day, teu in totals])
    assert len(done.hints) == 1
    assert done.hints[0].startswith(f"if {said}, the totals differ by 0.00 instead of ")


def test_classes_of_the_statement_are_compared_each_for_itself(register: Path) -> None:
    done = compare(
        register,
        [
            of_day(1, "4.25", fill="LADEN"),
            of_day(2, "2", fill="LADEN"),
            of_day(3, "1", fill="LADEN"),
        ],
    )
    # of 3 August they have 1 laden, and we 1 empty
    assert amounts(done) == {
        DifferenceCause.ONLY_THEIRS: 1,
        DifferenceCause.ONLY_OURS: -1,
    }


def test_moves_count_restows(register: Path) -> None:
    done = compare(
        register,
        [of_day(1, moves=3), of_day(2, moves=2), of_day(3, moves=1)],
        AUGUST,
        SummedUnit.MOVES,
    )
    assert figures(done) == (6, 6)
    assert not done.causes


def test_a_month_and_its_days_overlap(register: Path) -> None:
    month = of_day(1, "7.25", last=date(2026, 8, 31), at="line 9")
    with pytest.raises(Misconfigured, match="it is of the same moves as"):
        compare(register, [of_day(2, "2"), month])


def test_a_sum_of_other_rows_is_refused(register: Path) -> None:
    with pytest.raises(Misconfigured, match="line 1: a total without fill, but line 2 is of one"):
        compare(register, [of_day(1, "4.25"), of_day(2, "2", fill="LADEN")])


def test_a_statement_of_another_month_is_refused(register: Path) -> None:
    july = of_day(1, "1", first=date(2026, 7, 1), last=date(2026, 7, 31))
    with pytest.raises(Misconfigured, match="is of 2026-07-01 to 2026-07-31, and no total of it"):
        compare(register, [july])


def test_a_total_without_the_amount_that_is_compared_is_refused(register: Path) -> None:
    with pytest.raises(Misconfigured, match="line 1: no moves; every total needs the amount"):
        compare(register, [of_day(1, "1")], AUGUST, SummedUnit.MOVES)


def test_days_without_any_total_are_asked_about(register: Path) -> None:
    done = compare(register, [of_day(1, "4.25")])
    assert done.warnings == [
        "the statement has no total for 2 days between 2026-08-02 and 2026-08-03 on which we "
        "have moves: is a part of it missing?"
    ]
