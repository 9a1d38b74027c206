"""Tellings as OpenMetrics: held, sorted, by windows, under the names of live samples."""

from datetime import date, timedelta

from kpis.model.kpi import Reading
from kpis.past.all_owners import PastOfOwners
from kpis.past.history import HistoryPoint, InstantSpan
from kpis.past.openmetrics import WINDOW_SECONDS, BlockWindow, SeriesNamer, SeriesText, windows
from kpis.port import handled
from kpis.port.throughput import THROUGHPUT
from tests.unit.kpis.builders import BOOK, box, day, seconds

START = 1000 * WINDOW_SECONDS
YTD = THROUGHPUT[handled.ytd]
AS_OF = THROUGHPUT[handled.as_of]
SCRAPED = (
    'port_throughput_ytd_teu{instance="port",job="quaymark",port_area="tonghai",'
    'terminal="THE",year="2026"}'
)


def telling(
    at: float, value: float | None, terminal: str = "THE", every: int = 300
) -> HistoryPoint:
    found = () if value is None else (YTD.reading(("tonghai", "2026", terminal), value),)
    return HistoryPoint(at, "tonghai by hour", found, every)


def woven(*tellings: HistoryPoint, until: float) -> list[dict[str, SeriesText]]:
    """The series of each window, by name."""
    return [
        {one.name: one for one in window.series()}
        for window in windows(tellings, SeriesNamer().name_values, until)
    ]


def stamps(one: SeriesText) -> list[int]:
    return [int(line.rpartition(" ")[2]) for line in one.text.splitlines()]


def test_a_value_is_held_at_five_minutes_until_the_next_and_up_to_the_cut() -> None:
    [window] = woven(telling(START, 1.0), telling(START + 900, 2.0), until=START + 1300)

    assert window[SCRAPED].text.splitlines() == [
        f"{SCRAPED} 1.0 {START}",
        f"{SCRAPED} 1.0 {START + 300}",
        f"{SCRAPED} 1.0 {START + 600}",
        f"{SCRAPED} 2.0 {START + 900}",
        f"{SCRAPED} 2.0 {START + 1200}",
    ]
    assert window[SCRAPED].samples == 5


def test_a_series_is_written_under_its_scraped_its_recorded_and_its_summed_names() -> None:
    both = HistoryPoint(
        START,
        "tonghai",
        tuple(YTD.reading(("tonghai", "2026", name), 3.0) for name in ("THE", "THW")),
    )
    [window] = woven(both, until=START + 1)

    recorded = 'port_area="tonghai",terminal="THE",year="2026"}'
    assert window[SCRAPED].text == f"{SCRAPED} 3.0 {START}\n"
    assert f"terminal:port_throughput_ytd_teu:max{{{recorded}" in window
    assert f"terminal:port_throughput_ytd_teu:hourly{{{recorded}" in window
    total = 'port:port_throughput_ytd_teu:sum{port_area="tonghai",year="2026"}'
    assert window[total].text == f"{total} 6.0 {START}\n"
    assert list(window) == sorted(window)


def test_a_run_has_its_label_on_every_series() -> None:
    values = SeriesNamer("what-if").values(telling(START, 1.0))

    names = [name for strand in values for name in (*strand.held, strand.thinned) if name]
    assert names
    assert all('run="what-if"' in name for name in names)


def test_windows_are_blocks_of_prometheus_and_what_stands_goes_on_in_the_next() -> None:
    first, second = woven(telling(START + 500, 1.0), until=START + WINDOW_SECONDS + 700)

    assert stamps(first[SCRAPED])[:2] == [START + 500, START + 800]
    assert stamps(first[SCRAPED])[-1] < START + WINDOW_SECONDS
    assert stamps(second[SCRAPED]) == [START + WINDOW_SECONDS + 200, START + WINDOW_SECONDS + 500]


def test_what_is_no_longer_told_ends() -> None:
    [window] = woven(
        telling(START, 1.0), telling(START + 600, None), until=START + WINDOW_SECONDS * 2
    )

    assert stamps(window[SCRAPED]) == [START, START + 300]


def test_the_thinned_series_has_a_sample_a_day_and_one_a_change() -> None:
    """100 to 100.05 is half a thousandth: not a change; to 101 is one."""
    hours = [telling(START + hour * 3600, 100.05 if hour else 100.0) for hour in range(30)]
    [window] = woven(*hours, telling(START + 30 * 3600, 101.0), until=START + 31 * 3600)

    thinned = (
        'terminal:port_throughput_ytd_teu:hourly{port_area="tonghai",terminal="THE",year="2026"}'
    )
    assert stamps(window[thinned]) == [START, START + 24 * 3600, START + 30 * 3600]


def test_what_is_told_once_a_day_has_a_thinned_sample_a_day_across_windows() -> None:
    """By hand: 486 hours are 20.25 days, so the second window begins at 06:00 of a day.

    Its first sample is of 06:00, and every 24 hours one follows, though days are told at 00:00.
    """
    name = SCRAPED.replace('instance="port",job="quaymark",', "")
    thinned = name.replace("port_throughput_ytd_teu", "terminal:port_throughput_ytd_teu:hourly")
    days = (telling(START + n * 86_400, 5.0, every=6 * 3600) for n in range(41))
    first, second = woven(*days, until=START + 2 * WINDOW_SECONDS - 1)

    assert stamps(first[thinned]) == [START + n * 86_400 for n in range(21)]
    begin = START + WINDOW_SECONDS
    assert stamps(second[thinned]) == [begin + n * 86_400 for n in range(21)]


def test_an_instant_counts_as_changed_after_an_hour() -> None:
    def moved(at: float, newest: float) -> HistoryPoint:
        return HistoryPoint(at, "tonghai", (Reading(AS_OF, ("tonghai", "2026"), newest),))

    [window] = woven(
        *(moved(START + n * 3600, 1.7e9 + n * 3000) for n in range(4)), until=START + 4 * 3600
    )

    name = 'port:port_throughput_as_of_timestamp_seconds:hourly{port_area="tonghai",year="2026"}'
    assert stamps(window[name]) == [START, START + 2 * 3600]


def test_equal_texts_have_equal_digests_and_other_values_others() -> None:
    def digest(value: float) -> str:
        [window] = windows([telling(START, value)], SeriesNamer().name_values, START + 10)
        return window.digest

    assert digest(1.0) == digest(1.0)
    assert digest(1.0) != digest(1.5)


def test_a_quote_in_a_name_is_escaped() -> None:
    assert SeriesNamer().series("x", [("project", 'hall "2"\\')]) == r'x{project="hall \"2\"\\"}'


def test_a_year_has_no_sample_twice_and_none_out_of_order() -> None:
    past = PastOfOwners(BOOK)
    for n in range(60):
        past.take(day(str(date(2025, 12, 1) + timedelta(n)), box(1, 5.0), hour=n % 24))
    until = seconds("2026-02-01 00:00")

    last: dict[str, int] = {}
    for window in windows(past.points(InstantSpan(0, until)), SeriesNamer().name_values, until):
        for one in window.series():
            at = stamps(one)
            assert at == sorted(set(at))
            assert at[0] > last.get(one.name, 0)
            assert len(at) == one.samples
            last[one.name] = at[-1]
    assert max(last.values()) <= until


def test_a_window_ends_with_the_cut() -> None:
    assert BlockWindow(START, START + 100).end == START + 100
    assert BlockWindow(START, START + 2 * WINDOW_SECONDS).end == START + WINDOW_SECONDS
