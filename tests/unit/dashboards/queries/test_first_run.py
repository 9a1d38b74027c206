"""What is not known is not drawn: queries evaluated by promtool on a few hand-written samples."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from dashboards.queries import present, workers, year
from kpis import pipeline
from tests.unit.dashboards.evaluation import Values, evaluate

pytestmark = pytest.mark.needs("prometheus")

LAST_YEAR = 'port_area="tonghai",year="2025"'
YTD = f'terminal:port_throughput_ytd_teu:hourly{{{LAST_YEAR},terminal="THE"}}'
COMPLETE = f"port:port_throughput_complete_code:hourly{{{LAST_YEAR}}}"


@pytest.mark.parametrize(
    ("code", "drawn"),
    # 2: the books begin on its last night; 3: they lack a week of it
    [("0x9600", [500.0]), ("2x9600", []), ("3x9600", []), (None, [])],
)
def test_last_year_is_drawn_only_if_the_books_hold_it_whole(
    tmp_path: Path, code: str | None, drawn: Values
) -> None:
    """500 TEU 365 days (8,760 hours) before the instant of the curve."""
    series = {YTD: "500x9600"} | ({COMPLETE: code} if code else {})

    evaluate(tmp_path, year.year_before(), series, "9000h", drawn)


@pytest.mark.parametrize(("code", "named"), [("0x9600", []), ("2x9600", [1.0])])
def test_the_legend_says_that_last_year_is_not_whole(
    tmp_path: Path, code: str, named: Values
) -> None:
    """The curve has a name but no number: counted, since no number equals itself."""
    expr = f"count({year.no_year_before()})"

    evaluate(tmp_path, expr, {COMPLETE: code}, "9000h", named)


SHANGHAI = timedelta(hours=8)


def test_a_mean_of_a_week_begins_with_the_first_whole_week(tmp_path: Path) -> None:
    """Books that begin with 1 TEU on their first, broken day, and 10 on each day after it.

    Their first sample is of 1970-02-01 00:00 in Shanghai, 736 hours after the zero of promtool.
    """
    series = {"x": "_x736 1x23 10x999"}
    mean = year.mean_of_week("x{}", SHANGHAI)

    evaluate(tmp_path, mean, series, "836h", [])
    evaluate(tmp_path, mean, series, "927h", [])
    evaluate(tmp_path, mean, series, "928h", [10.0])  # eight days on: no hour of the first


@pytest.mark.parametrize(("code", "shown"), [("0x999", [10.0]), ("2x999", [])])
def test_in_the_first_week_a_mean_needs_last_year_whole(
    tmp_path: Path, code: str, shown: Values
) -> None:
    """In a zone a day behind UTC the eighth of January ends with hour 216."""
    series = {"x": "10x999", COMPLETE: code}
    mean = year.mean_of_week("x{}", -timedelta(days=1))

    evaluate(tmp_path, mean, series, "215h", shown)
    evaluate(tmp_path, mean, series, "216h", [10.0])


@pytest.mark.parametrize(
    ("code", "at", "shown"),
    # 1970 ends in Shanghai with hour 8,752
    [("2x9000", "8751h", []), ("0x9000", "8751h", [5.0]), ("2x9000", "8752h", [5.0])],
)
def test_a_day_of_the_year_before_is_drawn_only_if_that_year_is_whole(
    tmp_path: Path, code: str, at: str, shown: Values
) -> None:
    series = {"x": "5x9000", COMPLETE.replace("2025", "1970"): code}

    evaluate(tmp_path, year.of_whole_years("x{}", SHANGHAI), series, at, shown, year="1971")


STARTED = 'process_start_time_seconds{job="quaymark",instance="w"}'


@pytest.mark.parametrize(
    ("started", "counter", "rise"),
    [
        # within the six hours: its 40 repeats came before the first scrape
        ("36000x20", "_x10 40x9", [40.0]),
        # before them: 10 an hour, which make 60 of the 120 it has counted
        ("0x20", "0+10x20", [60.0]),
    ],
)
def test_a_worker_that_started_in_the_range_has_counted_all_of_its_events(
    tmp_path: Path, started: str, counter: str, rise: Values
) -> None:
    series = {STARTED: started, 'pipeline_repeats_total{job="quaymark",instance="w"}': counter}

    evaluate(tmp_path, f"sum({workers.rise(pipeline.REPEATS)})", series, "12h", rise)


HEAD = 'prometheus_tsdb_head_max_time_seconds{job="prometheus"}'


@pytest.mark.parametrize(
    ("at", "head", "newest", "shown"),
    [
        # the samples end after 100 hours (360,000 s), with 107
        ("100h", "0x100", "0", [107.0]),  # now
        ("100h", "0x100", "36000", [107.0]),  # Grafana has not looked for the newest since hour 10
        ("50h", "0x100", "360000", [57.0]),  # a range that ends in the past shows what was known
        ("900h", "0x100", "360000", [107.0]),  # and one that ends in the future the newest
        ("900h", "0x100", "0", []),  # nobody knows what is newest
        ("900h", None, "360000", [107.0]),
    ],
)
def test_a_range_that_ends_in_the_future_shows_the_newest_value(
    tmp_path: Path, at: str, head: str | None, newest: str, shown: Values
) -> None:
    series = {"x": "7+1x100"} | ({HEAD: head} if head else {})
    expr = present.at_present("last_over_time(x{}[26h])")

    evaluate(tmp_path, expr, series, at, shown, newest=newest)


def test_every_selector_and_clock_of_a_query_is_moved_to_the_newest_sample() -> None:
    """Grafana's own variables within a selector are left as they are."""
    asked = "time() - max(x{a=~'${terminal:pipe}'}[2m]) / y:z:max{b='1'} + (w{}[400d] @ end())"

    moved = present.at_present(asked).partition(" or ")[2]

    assert moved.startswith(
        "(($newest - max(x{a=~'${terminal:pipe}'}[2m] @ $newest) / y:z:max{b='1'} @ $newest "
        "+ (w{}[400d] @ $newest)) and on () ("
    )


def test_the_newest_sample_is_read_from_prometheus_answer() -> None:
    """As Grafana writes an answer of query_result: labels, value, milliseconds."""
    found = re.match(present.NEWEST_REGEX.strip("/"), "{} 1795914779 1795914796869")

    assert found is not None
    assert found[1] == "1795914779"
