from audit.totals import Difference, TotalKind, TotalName
from stack.books.verify import TotalsComparison
from stack.books.verify_report import report_lines
from tests.unit.stack.books.test_verify import CLASS, ONE, TEU, one_move


def test_clean_books_are_shown_by_terminal_and_year() -> None:
    lines = list(report_lines(one_move(), TotalsComparison(ONE, [], {}, 0)))

    assert lines[0] == "port.moves.raw: 1 events; can't be counted: none"
    assert lines[1].split()[:4] == ["area", "terminal", "year", "TEU"]
    assert [line.split() for line in lines[2:]] == [
        ["tonghai", "THE", "2026", "1.00", "1", "0", "0", "0"]
    ]


def test_a_difference_names_series_labels_and_both_sides() -> None:
    differing = [Difference(TEU, 123_400, 123_575), Difference(CLASS, 100, 0)]

    *_, teu, klass = report_lines(one_move(), TotalsComparison(ONE, differing, {}, 0))

    assert teu.split() == [
        "port_throughput_ytd_teu",
        *("port_area=tonghai", "terminal=THE", "year=2026"),
        *("1,234.00", "1,235.75", "1.75"),
    ]
    assert "move=load fill=laden size=20 kind=normal" in klass
    assert klass.split()[-1] == "-1.00"


def test_a_flood_of_differences_is_cut_and_counted() -> None:
    differing = [
        Difference(TotalName(TotalKind.MOVES, "tonghai", f"T{n}", 2026), 1, 0) for n in range(100)
    ]

    assert (
        list(report_lines(one_move(), TotalsComparison(ONE, differing, {}, 0)))[-1]
        == "  and 60 more"
    )


def test_moved_terminals_and_doubles_are_explained() -> None:
    report = "\n".join(
        report_lines(one_move(), TotalsComparison(ONE, [], {"THE": "riverside"}, 2))
    )

    assert "THE: past moves stay booked in riverside" in report
    assert "2 moves are on more than one partition" in report
