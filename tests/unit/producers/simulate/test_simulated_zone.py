from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from contract.book import read_book
from contract.events import (
    AmountChanged,
    Indicator,
    MilestoneMet,
    MilestonePlanned,
    Project,
    ProjectRegistered,
    Stage,
    StageReached,
)
from contract.wire import decode, encode
from producers.importing.run import READERS
from producers.reading.outcome import Accepted, File, Form, Message, ReadingTerms
from producers.simulate.project_course import course
from producers.simulate.sample_data import RECORD_ENDS, zone_book, zone_figures
from producers.simulate.simulated_zone import simulate
from producers.simulate.sources import TimedEvent

ROOT = Path(__file__).parents[4]
BOOK = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
BILLION = 1_000_000_000


@pytest.fixture(scope="module")
def reported() -> list[TimedEvent]:
    return list(simulate(BOOK, date(2016, 1, 1), date(2026, 11, 25)))


def _yuan(project: Project) -> Decimal:
    return project.value.amount * (project.value.rate or 1)


def _signed(reported: list[TimedEvent], first: date, last: date) -> list[Decimal]:
    """Yuan of each project signed from `first` to `last`, as registered."""
    projects = [e.data for _, e in reported if isinstance(e, ProjectRegistered)]
    return [_yuan(project) for project in projects if first <= project.signed <= last]


def test_the_years_2016_to_2019_are_as_on_record(reported: list[TimedEvent]) -> None:
    # DOMAIN.md 1: 130 of >= 100 million, of which 26 >= 1 bn and 1 >= 10 bn; close to 100 bn
    amounts = _signed(reported, date(2016, 1, 1), date(2019, 12, 31))

    assert sum(amount >= BILLION / 10 for amount in amounts) == 130
    assert sum(amount >= BILLION for amount in amounts) == 26
    assert sum(amount >= 10 * BILLION for amount in amounts) == 1
    assert 98 * BILLION <= sum(amounts) < 100 * BILLION


def test_the_first_half_of_2020_is_as_on_record(reported: list[TimedEvent]) -> None:
    # DOMAIN.md 1: 12 of >= 100 million, of which 6 >= 2 bn; total over 50 bn
    amounts = _signed(reported, date(2020, 1, 1), date(2020, 6, 30))

    assert len(amounts) == 12
    assert sum(amount >= BILLION / 10 for amount in amounts) == 12
    assert sum(amount >= 2 * BILLION for amount in amounts) == 6
    assert sum(amounts) > 50 * BILLION


def test_the_two_named_projects_are_as_on_record(reported: list[TimedEvent]) -> None:
    # DOMAIN.md 1: CNY 20 bn, the zone's largest; USD 150 million, the largest Japanese one
    projects = {e.data.project: e.data for _, e in reported if isinstance(e, ProjectRegistered)}

    cruise, cosmetics = projects["china-merchants-cruise"], projects["japan-cosmetics-container"]
    assert (cruise.value.amount, cruise.value.currency) == (Decimal(20 * BILLION), "CNY")
    assert max(map(_yuan, projects.values())) == _yuan(cruise)
    assert (cosmetics.value.amount, cosmetics.value.currency) == (Decimal(150_000_000), "USD")
    assert [p.project for p in projects.values() if p.country == "JP"] == [cosmetics.project]


def test_projects_go_on_being_signed_until_today(reported: list[TimedEvent]) -> None:
    for year in range(2021, 2027):
        assert len(_signed(reported, date(year, 1, 1), date(year, 12, 31))) >= 15


def test_the_same_days_give_the_same_events_and_parts_make_the_whole(
    reported: list[TimedEvent],
) -> None:
    before = list(simulate(BOOK, date(2016, 1, 1), date(2022, 6, 30)))
    after = list(simulate(BOOK, date(2022, 7, 1), date(2026, 11, 25)))

    assert before + after == reported


def test_ids_are_unique_and_every_event_reads_back(reported: list[TimedEvent]) -> None:
    assert len({event.id for _, event in reported}) == len(reported)
    assert all(decode(encode(event)) == event for _, event in reported)


def test_stages_come_in_their_order_and_some_projects_end(reported: list[TimedEvent]) -> None:
    order = list(Stage)
    reached: dict[str, list[StageReached]] = defaultdict(list)
    for _, event in reported:
        if isinstance(event, StageReached):
            reached[event.data.project].append(event)

    for events in reached.values():
        stages = [order.index(e.data.stage) for e in sorted(events, key=lambda e: e.data.on)]
        assert stages == sorted(stages)
    ends = [events[-1].data.stage for events in reached.values()]
    assert Stage.AT_CAPACITY in ends
    assert 0 < ends.count(Stage.TERMINATED) < 0.1 * len(ends)


def test_milestones_are_met_in_time_late_planned_anew_or_open(reported: list[TimedEvent]) -> None:
    planned: dict[tuple[str, str], list[date]] = defaultdict(list)
    met: dict[tuple[str, str], date] = {}
    for _, event in reported:
        if isinstance(event, MilestonePlanned):
            planned[event.data.project, event.data.milestone].append(event.data.dueDate)
        elif isinstance(event, MilestoneMet):
            met[event.data.project, event.data.milestone] = event.data.dateMet

    in_time = [key for key, on in met.items() if on <= planned[key][0]]
    late = [key for key, on in met.items() if on > planned[key][0]]
    overdue = [k for k, due in planned.items() if k not in met and due[-1] < date(2026, 11, 25)]
    assert met.keys() <= planned.keys()
    assert 0.4 < len(in_time) / (len(in_time) + len(late)) < 0.9
    assert any(len(dates) > 1 for dates in planned.values())
    assert 0 < len(overdue) < 40


def test_one_projects_capital_grows_by_an_increment(reported: list[TimedEvent]) -> None:
    increases = [event for _, event in reported if isinstance(event, AmountChanged)]

    assert [event.data.increment.amount for event in increases] == [300_000_000]


def test_reports_are_made_after_the_fact(reported: list[TimedEvent]) -> None:
    assert all(e.time <= e.recordedtime == at for at, e in reported)
    simulated = [(at, e) for at, e in reported if at.date() > RECORD_ENDS]
    assert all(at - e.time <= timedelta(days=11) for at, e in simulated)


def test_projects_of_the_record_go_on_where_it_ends(reported: list[TimedEvent]) -> None:
    """The file holds what their course gives until then, the simulation what it gives after."""
    events = {event.id: event for _, event in reported}
    booked = [e.data for e in zone_book(BOOK) if isinstance(e, ProjectRegistered)]

    for project in booked:
        for at, event in course(project, BOOK.tz):
            if at.date() <= date(2026, 11, 25) and not isinstance(event, MilestonePlanned):
                found = events[event.id]
                assert found.data == event.data, event.id


def test_an_import_of_the_shipped_files_gives_the_events_that_make_up_sends() -> None:
    folder = ROOT / "producers" / "data"
    projects = list(zone_book(BOOK))
    for name, form, shipped in (
        ("zone_book.csv", Form.PROJECTS, projects),
        ("zone_figures.csv", Form.INDICATORS, list(zone_figures(BOOK))),
    ):
        with (folder / name).open("rb") as stream:
            read = READERS[form](File(name, stream, 1_795_600_000.0), ReadingTerms(BOOK))
            taken = [outcome for outcome in read if not isinstance(outcome, Message)]
        assert [o.event for o in taken if isinstance(o, Accepted)] == shipped
        assert len(taken) == len(shipped)
    figures = zone_figures(BOOK)
    assert max(event.recordedtime for event in figures).date() < date(2026, 11, 25)  # no forecast
    # nothing of the record is from after its last day
    assert max(event.recordedtime for event in projects).astimezone(BOOK.tz).date() == RECORD_ENDS


def test_published_teu_are_as_on_record() -> None:
    # DOMAIN.md 1: 1,135,800 and 1,405,700 TEU; first quarters of 2020 and 2021 287,500 and 350,700
    newest: dict[str, tuple[int, int]] = {}
    for event in zone_figures(BOOK):
        figure = event.data
        if isinstance(figure, Indicator) and figure.indicator == "container_throughput":
            version = figure.version, int(figure.value)
            newest[figure.period] = max(newest.get(figure.period, (-1, 0)), version)

    def teu(*months: str) -> int:
        return sum(value for month, (_, value) in newest.items() if month.startswith(months))

    assert (teu("2019"), teu("2020")) == (1_135_800, 1_405_700)
    assert teu("2020-01", "2020-02", "2020-03") == 287_500
    assert teu("2021") == 350_700
