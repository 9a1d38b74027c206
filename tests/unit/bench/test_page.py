"""These tests check that the page and its chart show the stored results without loss."""

import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from bench import page, table, trend
from bench.results import (
    IMPORTS,
    REGISTERS,
    RESULTS,
    ImportResult,
    ImportRun,
    Machine,
    Measurement,
    Spread,
    SystemResult,
    append,
    newest_import,
    read,
)
from bench.table import BenchRun

ROOT = Path(__file__).parents[3]
SVG = "{http://www.w3.org/2000/svg}"


def test_the_page_in_the_repository_is_rendered_from_the_results() -> None:
    alone = page.newest_parts(ROOT / IMPORTS, ROOT / REGISTERS)
    for name, text in page.pages(read(ROOT / RESULTS), alone).items():
        assert (ROOT / page.FOLDER / name).read_text("utf-8") == text, "`python -m bench.page`"


def test_a_run_is_appended_as_one_line_and_read_back_unchanged(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    first, second = measured(0.5), measured(0.75)

    append(results, first)
    append(results, second)

    assert read(results) == [first, second]
    assert len(results.read_text("utf-8").splitlines()) == 2


def test_a_newer_run_of_the_import_alone_takes_the_place_of_the_one_in_a_whole_run(
    tmp_path: Path,
) -> None:
    whole = replace(measured(0.5), imported=imported(6_000))
    older, newer = (
        ImportRun(date(2026, 11, day), whole.machine, "3.11", 5, 7.6, imported(rate))
        for day, rate in ((27, 7_000), (29, 21_000))
    )
    file = tmp_path / "imports.jsonl"
    assert newest_import(file) is None
    append(file, older)
    append(file, newer)

    alone = page.newest_parts(file, tmp_path / "none")

    assert alone == page.PartRuns(newer)
    assert "| the import | 21,000 | 0.25 |" in page.sections(whole, alone)  # of 84,000
    assert "while 8 processes ran" in page.sections(whole, alone)
    assert "| the import | 6,000 |" in page.sections(
        whole, page.PartRuns(older)
    )  # it is older than the whole run


def test_a_system_is_compared_with_the_limit_of_the_same_round() -> None:
    """By hand: 100 / 200 events/s is 0.5 and 90 / 120 is 0.75; the median of two is their mean."""
    rounds = [[ran("limit", 200), ran("one", 100)], [ran("limit", 120), ran("one", 90)]]

    limit, one = table.results(rounds)

    assert limit.share_of_limit == Spread(1.0, 1.0, 1.0)
    assert one.share_of_limit == Spread(0.625, 0.5, 0.75)
    assert one.events_per_second == Spread(95.0, 90.0, 100.0)
    assert one.cpu_microseconds == Spread(1_000_000.0, 1_000_000.0, 1_000_000.0)


def test_the_page_shows_that_one_sum_is_wrong() -> None:
    rounds = [[ran("limit", 200)], [ran("limit", 200, exact=False)]]
    run = measured(1.0, table.results(rounds))

    assert not run.is_exact
    assert "**wrong**" in table.section(run)


def test_the_trend_has_a_row_per_run_and_a_point_per_ratio() -> None:
    runs = [measured(0.5), measured(0.75)]

    rows = [line for line in trend.section(runs, "x.svg").splitlines() if "2026-11-2" in line]
    drawn = ET.fromstring(trend.picture(runs))

    assert [row.split("|")[3].strip() for row in rows] == ["0.75", "0.50"]  # the newest first
    [line] = drawn.iter(f"{SVG}polyline")  # these runs have only one of the ratios
    [before, after] = [point.split(",") for point in line.attrib["points"].split()]
    assert float(before[0]) < float(after[0])
    assert float(before[1]) > float(after[1])  # a greater ratio is drawn higher
    assert "the worker 0.75" in [text.text for text in drawn.iter(f"{SVG}text")]


def ran(system: str, rate: float, *, exact: bool = True) -> BenchRun:
    """Return a run of a thousand events that took one CPU second per event."""
    return BenchRun(system, "1", "counts", 1000, 1000 / rate, 1 << 20, 1000.0, 1200.0, exact)


def imported(rate: float) -> ImportResult:
    """Return an import of a thousand moves, beside a parser of 84,000 a second."""
    return ImportResult(1, 1000, 0.2, 84_000, rate, 40, 45)


def measured(share: float, systems: tuple[SystemResult, ...] = ()) -> Measurement:
    one = Spread(share, share, share)
    worker = SystemResult("the worker", "1", "counts", one, one, one, one, one, exact=True)
    machine = Machine("a CPU", 2, 8)
    return Measurement(
        date(2026, 11, 28), machine, "3.11", "4.4", 1000, 554.0, 7, 2, systems or (worker,)
    )
