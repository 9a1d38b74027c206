"""The past told from snapshots: at the end of a day it is what a worker would have shown."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contract.events import TargetSet
from contract.snapshots import Snapshot, TerminalDay
from kpis.catalogue import readings
from kpis.forecast.basis import Basis
from kpis.model.kpi import Kpi, Labels
from kpis.past.all_owners import PastOfOwners
from kpis.past.history import HistoryPoint, InstantSpan
from kpis.plan.progress import Outlook
from kpis.port import growth, handled, pacing
from kpis.port.books import PortBooks
from kpis.port.throughput import LATEST, THROUGHPUT
from tests.unit.kpis.builders import BOOK, at, box, day, indicator, project, seconds, target

ALL = InstantSpan(float("-inf"), seconds("2026-04-02 12:00"))
SUMMER = InstantSpan(float("-inf"), seconds("2026-07-05 00:00"))
NEAR = InstantSpan(float("-inf"), seconds("2026-01-07 12:00"))
YTD, PACE = THROUGHPUT[handled.ytd], THROUGHPUT[pacing.pace]


def told(*said: Snapshot | TargetSet, span: InstantSpan = ALL) -> list[HistoryPoint]:
    past = PastOfOwners(BOOK)
    for one in said:
        past.take(one)
    return list(past.points(span))


def values(points: list[HistoryPoint], kpi: Kpi[Any], labels: Labels) -> dict[float, float]:
    """Instant -> value of one series, where a point changed it."""
    return {
        one.at: reading.value
        for one in points
        for reading in one.readings
        if reading.kpi.series == kpi.series and reading.labels == labels
    }


def spread(on: str, hours: dict[int, float], terminal: str = "THE", **more: int) -> TerminalDay:
    """A day whose TEU falls into several hours."""
    one = day(on, box(len(hours), sum(hours.values())), terminal=terminal, **more)
    by_hour = tuple(round(hours.get(hour, 0) * 100) for hour in range(24))
    newest = at(f"{on} {max(hours):02}:30").astimezone(UTC)
    return replace(one, hours=by_hour, newest=newest)


def test_teu_is_told_at_the_end_of_each_hour() -> None:
    """10 TEU between 08:00 and 09:00, 5 more between 20:00 and 21:00."""
    ytd = values(told(spread("2026-03-01", {8: 10.0, 20: 5.0})), YTD, ("tonghai", "2026", "THE"))

    assert ytd[seconds("2026-03-01 08:00")] == 0
    assert ytd[seconds("2026-03-01 09:00")] == 10
    assert ytd[seconds("2026-03-01 20:00")] == 10
    assert ytd[seconds("2026-03-01 21:00")] == 15
    assert ytd[seconds("2026-03-02 00:00")] == 15


def test_the_terminal_without_moves_and_the_raw_partitions_are_added() -> None:
    told_ = told(
        day("2026-03-01", box(1, 2.0), partition=0), day("2026-03-01", box(1, 1.0), partition=3)
    )

    end = seconds("2026-03-02 00:00")
    assert values(told_, YTD, ("tonghai", "2026", "THE"))[end] == 3
    assert values(told_, YTD, ("tonghai", "2026", "THW"))[end] == 0


def test_pace_runs_with_the_plan_of_the_hour() -> None:
    """By the end of June half of 1,000,000 is planned; 400,000 by then is a pace of 0.8."""
    told_ = told(target(), day("2026-06-30", box(1, 400_000.0)), span=SUMMER)

    pace = values(told_, PACE, ("tonghai", "2026"))

    assert round(pace[seconds("2026-07-01 00:00")], 12) == 0.8


def test_a_year_is_told_to_its_end_and_its_outcome_through_new_years_day() -> None:
    ytd = values(told(day("2025-12-30", box(1, 7.0))), YTD, ("tonghai", "2025", "THE"))

    assert max(ytd) == seconds("2026-01-01 00:00")
    assert ytd[seconds("2026-01-01 00:00")] == 7
    ends = [
        one.at
        for one in told(day("2025-12-30", box(1, 7.0)))
        if one.subject == "tonghai by hour" and not one.readings
    ]
    assert set(ends) == {seconds("2026-01-02 00:00")}


def test_a_year_without_moves_is_not_told() -> None:
    told_ = told(day("2024-12-30", box(1, 7.0)), day("2026-03-20", box(1, 9.0)))

    between = [
        one
        for one in told_
        if one.readings and seconds("2025-01-02 00:00") <= one.at < seconds("2026-01-01 00:00")
    ]
    assert between == []


def test_nothing_is_told_after_the_cut_and_the_last_day_counts_up_to_it() -> None:
    cut = InstantSpan(float("-inf"), seconds("2026-03-01 20:59"))
    whole = spread("2026-03-01", {8: 10.0, 20: 5.0})  # its newest move is of 20:30

    told_ = told(whole, span=cut)

    ytd = values(told_, YTD, ("tonghai", "2026", "THE"))
    assert max(one.at for one in told_) == cut.until
    assert ytd[cut.until] == 15
    assert ytd[seconds("2026-03-01 20:00")] == 10


def test_of_a_day_that_goes_on_after_the_cut_only_whole_hours_are_told() -> None:
    cut = InstantSpan(float("-inf"), seconds("2026-03-01 20:15"))

    told_ = told(spread("2026-03-01", {8: 10.0, 20: 5.0}), span=cut)

    ytd = values(told_, YTD, ("tonghai", "2026", "THE"))
    assert max(ytd) == seconds("2026-03-01 20:00")
    assert ytd[max(ytd)] == 10


def test_a_move_booked_in_the_future_is_not_told() -> None:
    cut = InstantSpan(float("-inf"), seconds("2026-03-02 12:00"))

    told_ = told(day("2026-03-01", box(1, 2.0)), day("2026-03-09", box(1, 2.0)), span=cut)

    assert max(one.at for one in told_) <= cut.until
    assert set(values(told_, YTD, ("tonghai", "2026", "THE")).values()) == {0.0, 2.0}


def test_point_a_part_tells_the_same() -> None:
    days = [day(f"2026-03-{n:02}", box(n, float(n))) for n in range(1, 31)]
    since = seconds("2026-03-20 00:00")

    part = told(*days, target(), span=ALL._replace(since=since))

    whole = told(*days, target())
    assert [one for one in part if one.at >= since] == [one for one in whole if one.at >= since]


def test_a_project_is_told_from_its_signing_and_a_figure_from_its_periods_end() -> None:
    told_ = told(
        day("2026-01-01", box(1, 1.0)),
        project("P", signed="2026-03-05"),
        indicator("2026-Q1", "7"),
    )
    zone = {
        (one.at, str(r.kpi.series)): r.value
        for one in told_
        for r in one.readings
        if str(r.kpi.series) == "indicator_value"
        or (str(r.kpi.series) == "project_signed_projects" and r.labels[1] == "100M")
    }

    assert zone.get((seconds("2026-03-04 00:00"), "project_signed_projects")) is None
    assert zone[seconds("2026-03-05 00:00"), "project_signed_projects"] == 1
    assert zone.get((seconds("2026-03-31 00:00"), "indicator_value")) is None
    assert zone[seconds("2026-04-01 00:00"), "indicator_value"] == 7


def test_a_target_is_told_while_its_period_runs_and_a_day_longer() -> None:
    told_ = told(
        target(period="2025"), day("2025-06-01", box(1, 1.0)), day("2026-01-05", box(1, 1.0))
    )

    goals = [
        one.at for one in told_ for r in one.readings if str(r.kpi.series) == "target_goal_value"
    ]

    assert max(goals) == seconds("2026-01-02 00:00")


def test_a_forecast_is_made_on_mondays_and_stands_for_the_week() -> None:
    """2026-03-02 is a Monday; two years of books begin on 2024-02-01."""
    asked: list[date] = []

    def forecaster(basis: Basis) -> Outlook:
        asked.append(basis.end)
        return Outlook(1000.0 + len(asked))

    first = date(2024, 2, 1)
    days = [day(str(first + timedelta(n)), box(1, 10.0)) for n in range(800)]
    span = InstantSpan(seconds("2026-02-26 00:00"), seconds("2026-03-10 00:00"), forecaster)

    forecast = values(
        told(target(), *days, span=span), THROUGHPUT[pacing.forecast], ("tonghai", "2026")
    )

    past = PastOfOwners(BOOK)
    past.take(target())
    for one in days:
        past.take(one)
    assert asked == [date(2026, 3, 2), date(2026, 3, 9)]
    assert [basis.end for basis in past.bases(span)] == asked
    assert forecast[seconds("2026-03-02 00:00")] == 1001
    assert forecast[seconds("2026-03-08 23:00")] == 1001
    assert forecast[seconds("2026-03-09 00:00")] == 1002


@st.composite
def amended(draw: st.DrawFn) -> list[TerminalDay]:
    """Days of two terminals on two partitions around the turn of a year, some amended."""
    made = [day("2026-01-06", box(1, 1.0))]  # else 2026 has no books, and is not told
    for offset in range(draw(st.integers(1, 12))):
        on = date(2025, 12, 28) + timedelta(draw(st.integers(0, 8)))
        hour = draw(st.integers(0, 23))
        teu = float(draw(st.integers(1, 50)))
        terminal, partition = draw(st.sampled_from(("THE", "THW"))), draw(st.integers(0, 1))
        line = box(draw(st.integers(1, 9)), teu, draw(st.sampled_from(("LOAD", "DISC"))))
        made.append(
            day(str(on), line, terminal=terminal, partition=partition, offset=offset, hour=hour)
        )
    return made


@settings(max_examples=12)
@given(amended(), st.randoms())
def test_order_and_repeats_of_the_snapshots_change_nothing(
    days: list[TerminalDay], chance: random.Random
) -> None:
    shuffled = [*days, *chance.choices(days, k=3)]
    chance.shuffle(shuffled)

    assert told(*shuffled, target(), span=NEAR) == told(*days, target(), span=NEAR)


@settings(max_examples=12)
@given(amended(), st.integers(0, 8))
def test_at_the_end_of_a_day_the_past_is_what_a_worker_would_show(
    days: list[TerminalDay], later: int
) -> None:
    """A worker that holds what had happened by then, and is asked at that instant."""
    on = date(2025, 12, 28) + timedelta(later)
    midnight = datetime(on.year, on.month, on.day, tzinfo=BOOK.tz) + timedelta(1)
    worker = PortBooks(BOOK, "tonghai")
    worker.set_target(target())
    for one in days:
        if one.on <= on:
            worker.post(one)
    first = min(one.on for one in days)

    points = told(*days, target(), span=NEAR)

    found = {
        (str(r.kpi.series), r.labels): r.value
        for one in points
        if one.at == midnight.timestamp()
        for r in one.readings
    }
    shown = {
        (str(r.kpi.series), r.labels): r.value
        for r in readings(worker, midnight)
        if r.labelled.get("year") in (None, str(midnight.year))
    }
    if on >= first:
        assert shown.items() <= found.items()
        assert shown


def test_every_figure_of_the_port_has_a_past() -> None:
    days = day("2026-06-30", box(1, 600_000.0)), day("2026-07-03", box(1, 1.0))
    told_ = told(target(), *days, span=SUMMER)
    series = {str(r.kpi.series) for one in told_ for r in one.readings}

    never = {
        "port_throughput_forecast_bound_teu",  # a run-rate has none
        "port_throughput_ytd_on_year_ratio",  # books of five days have nothing to compare with
        "port_throughput_month_on_year_ratio",
        "port_throughput_month_on_month_ratio",
    }
    expected = {str(kpi.series) for family in (THROUGHPUT, LATEST) for kpi in family.kpis}
    assert expected - series == never


def test_growth_has_a_past_at_the_end_of_each_day() -> None:
    """10 TEU a day in January, 12 in February: at the end of 3 February 12 / 10 - 1."""
    first = date(2026, 1, 1)
    teu = {first + timedelta(n): 10.0 if n < 31 else 12.0 for n in range(34)}
    told_ = told(*(day(str(on), box(1, amount), hour=23) for on, amount in teu.items()))

    found = values(told_, LATEST[growth.month_on_month], ("tonghai",))

    assert round(found[seconds("2026-02-04 00:00")], 9) == 0.2
    assert seconds("2026-01-20 00:00") not in found  # December is not in the books
