"""The sums that a year keeps are those that its newest snapshots come to, summed anew."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contract.snapshots import TerminalDay
from kpis.port.year import QUAY, PortYear
from tests.unit.kpis.builders import BOOK, box, day

TERMINALS = ("THE", "THW", "OLD")
FIRST = date(2026, 2, 26)

snapshots = st.builds(
    lambda terminal, later, partition, offset, moves, move, hour: day(
        str(FIRST + timedelta(later)),
        *([box(moves, 1.5 * moves if move in QUAY else 0, move)] if moves else []),
        terminal=terminal,
        partition=partition,
        offset=offset,
        hour=hour,
    ),
    terminal=st.sampled_from(TERMINALS),
    later=st.integers(0, 3),
    partition=st.integers(0, 1),
    offset=st.integers(1, 5),
    moves=st.integers(0, 3),
    move=st.sampled_from(("LOAD", "DISC", "GTIN")),
    hour=st.integers(0, 23),
)


@given(st.lists(snapshots, max_size=12))
def test_kept_sums_are_those_summed_anew(posted: list[TerminalDay]) -> None:
    year = PortYear(2026, BOOK.tz, TERMINALS[:2], BOOK.port)
    stand: dict[tuple[str, date, int], TerminalDay] = {}
    for one in posted:
        year.post(one)
        key = one.terminal, one.on, one.partition
        if key not in stand or stand[key].offset < one.offset:
            stand[key] = one

    for terminal in TERMINALS:
        own = [one for one in stand.values() if one.terminal == terminal]
        assert 100 * year.quay_teu(terminal) == sum(sum(one.hours) for one in own)
    for on in (FIRST + timedelta(n) for n in range(4)):
        that_day = [one for one in stand.values() if one.on == on]
        teu = 100 * year.teu_over(on, on + timedelta(1))
        assert teu == sum(sum(one.hours) for one in that_day)
    assert 100 * year.teu == sum(sum(one.hours) for one in stand.values())


def test_days_before_new_year_are_those_of_the_year_before() -> None:
    """2 TEU on 30 December, 3 on the 31st, 5 on 1 January, 7 on the 2nd."""
    earlier, year = (
        PortYear(number, BOOK.tz, TERMINALS[:2], BOOK.port) for number in (2025, 2026)
    )
    year.before = earlier
    for on, teu in (("2025-12-30", 2.0), ("2025-12-31", 3.0)):
        earlier.post(day(on, box(1, teu)))
    for on, teu in (("2026-01-01", 5.0), ("2026-01-02", 7.0)):
        year.post(day(on, box(1, teu)))

    assert year.teu_over(date(2025, 12, 31), date(2026, 1, 2)) == 8.0
    assert year.teu_over(date(2025, 12, 1), date(2026, 2, 1)) == 17.0
    assert earlier.teu_over(date(2025, 12, 31), date(2026, 1, 2)) == 3.0
