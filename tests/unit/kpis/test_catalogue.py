"""What holds for every KPI, whatever it says."""

import itertools
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from contract.events import Fill, Stage
from contract.snapshots import ProjectCard, TerminalDay
from kpis.catalogue import CATALOGUE, KPIS, readings
from kpis.model.document import WORDS, markdown
from kpis.model.kpi import Family, Kpi, Series, Unit, View, measure, recorded, total
from kpis.pipeline import PIPELINE
from kpis.port import pacing
from kpis.port.books import PortBooks
from kpis.port.throughput import LATEST, THROUGHPUT
from kpis.target.target_book import OwnedTarget, TargetBook
from kpis.zone.indicators import IndicatorBook
from kpis.zone.investment import INVESTMENT
from kpis.zone.portfolio import Portfolio
from tests.unit.kpis.builders import BOOK, at, box, day, indicator, project, target

NOW = at("2026-03-01 09:00")
ALL = [(family, kpi) for family in CATALOGUE for kpi in family.kpis]

FIXED = [
    "ytd_teu",
    "ytd_moves",
    "ytd_class_teu",
    "unsized_moves",
    "gate_moves",
    "day_teu",
    "hour_teu",
    "month_to_date_teu",
    "ytd_on_year_ratio",
    "ytd_on_year_code",
    "complete_code",
    "month_on_year_ratio",
    "month_on_year_code",
    "month_on_month_ratio",
    "month_on_month_code",
    "next_move_due_timestamp_seconds",
    "target_teu",
    "planned_to_date_teu",
    "pace_ratio",
    "gap_teu",
    "forecast_teu",
    "forecast_bound_teu",
    "shortfall_teu",
    "required_per_day_teu",
    "recent_per_day_teu",
    "mark_reached_timestamp_seconds",
    "as_of_timestamp_seconds",
    "status_code",
    "plan_month_teu",
    "plan_month_start_timestamp_seconds",
    "plan_month_end_timestamp_seconds",
]
FIXED_PROJECT = [
    "signed_projects",
    "committed_yuan",
    "stage_projects",
    "stage_yuan",
    "cluster_yuan",
    "area_yuan",
    "park_projects",
    "late_milestone_seconds",
    "milestones_due",
    "milestones_overdue",
    "milestone_hit_ratio",
    "milestones_met",
    "worst_slip_seconds",
    "quarter_signed_projects",
    "quarter_committed_yuan",
    "origin_projects",
    "origin_yuan",
    "park_yuan",
    "conversion_ratio",
    "orphan_projects",
    "renamed_projects",
]
FIXED_INDICATOR = [
    "value",
    "period_end_timestamp_seconds",
    "periods",
    "value_before",
    "value_after",
    "revised_timestamp_seconds",
]
FIXED_TARGET = [
    "current_value",
    "goal_value",
    "planned_to_date_value",
    "pace_ratio",
    "gap_value",
    "forecast_value",
    "forecast_bound_value",
    "shortfall_value",
    "required_per_day_value",
    "attained_timestamp_seconds",
    "expected_timestamp_seconds",
    "status_code",
    "warn_ratio",
    "critical_ratio",
    "changed_timestamp_seconds",
    "info",
]


def boxes(kinds: tuple[str, ...] = ("normal", "transhipment", "restow")) -> st.SearchStrategy[Any]:
    """Lines of a day: quay moves with TEU, gate moves and restows without."""

    def line(move: str, kind: str, fill: Fill | None, size: str, moves: int) -> Any:
        unsized = size == "unknown" or kind == "restow" or move.startswith("G")
        teu = 0.0 if unsized else moves * int(size) / 20
        return box(moves, teu, move, kind, fill, size)

    return st.builds(
        line,
        st.sampled_from(("LOAD", "DISC", "GTIN", "GTOT")),
        st.sampled_from(kinds),
        st.sampled_from((Fill.EMPTY, Fill.LADEN, None)),
        st.sampled_from(("20", "40", "45", "unknown")),
        st.integers(1, 500),
    )


@st.composite
def days(draw: st.DrawFn, partition: int) -> TerminalDay:
    """A day near NOW, so that the last closed day and hour and the turn of the year come up."""
    on = draw(st.sampled_from(("2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01")))
    return day(
        on,
        *draw(st.lists(boxes(), min_size=1, max_size=3)),
        terminal=draw(st.sampled_from(("THE", "THW"))),
        partition=partition,
        offset=draw(st.integers(1, 3)),
        hour=draw(st.sampled_from((0, 8, 23))),
    )


@st.composite
def cards(draw: st.DrawFn, prefix: str) -> ProjectCard:
    """A project with stages and milestones around NOW, at the edges of what is counted."""
    near = st.sampled_from((-200, -1, 0, 1, 30, 31, 91)).map(_days_from_now)
    past = st.sampled_from((-400, -200, -1)).map(_days_from_now)
    over = st.sampled_from((-200, -1)).map(_days_from_now)
    some = st.none() | over | over | near
    milestone = st.tuples(st.sampled_from("mn"), some, some)
    return project(
        f"{prefix}{draw(st.integers(0, 5))}",
        draw(st.sampled_from((50_000_000, 100_000_000, 2_000_000_000, 10_000_000_000))),
        signed=draw(st.none() | past | past | near),
        offset=draw(st.integers(1, 3)),
        stages=draw(st.lists(st.tuples(st.sampled_from(list(Stage)), near), max_size=2)),
        milestones=draw(st.lists(milestone, max_size=3)),
        park=draw(st.sampled_from(("", "cruise"))),
    )


def _days_from_now(days: int) -> str:
    return str(NOW.date() + timedelta(days))


def books_of(family: Family[Any, Any], snapshots: list[Any]) -> Any:
    books: Any
    if family in (THROUGHPUT, LATEST):
        books = PortBooks(BOOK, "tonghai")
        books.set_target(target())
    else:
        books = Portfolio(BOOK, "haimen")
    for snapshot in snapshots:
        books.post(snapshot)
    return books


def sums(family: Family[Any, Any], snapshots: list[Any]) -> defaultdict[Any, float]:
    """All readings by series and labels; what is absent is 0."""
    found: defaultdict[Any, float] = defaultdict(float)
    for reading in measure(family, books_of(family, snapshots), NOW):
        found[str(reading.kpi.series), *reading.labels] = reading.value
    return found


@pytest.mark.parametrize(
    "family", [THROUGHPUT, LATEST, INVESTMENT], ids=["year", "latest", "zone"]
)
def test_what_claims_to_add_up_adds_up(family: Family[Any, Any]) -> None:
    adding = {str(kpi.series) for kpi in family.kpis if kpi.adds_up}
    port = family is not INVESTMENT

    @settings(max_examples=50)
    @given(
        st.lists(days(0) if port else cards("a"), min_size=1, max_size=4),
        st.lists(days(1) if port else cards("b"), min_size=1, max_size=4),
    )
    def adds_up(a: list[Any], b: list[Any]) -> None:
        both, left, right = sums(family, a + b), sums(family, a), sums(family, b)

        for key in {*both, *left, *right}:
            if key[0] in adding:
                assert both[key] == pytest.approx(left[key] + right[key]), key

    adds_up()


def test_a_shortfall_would_fail_that_test() -> None:
    a, b = day("2026-01-10", box(9, 90_000)), day("2026-01-11", box(9, 70_000))
    key = ("port_throughput_shortfall_teu", "tonghai", "2026")

    parts = sums(THROUGHPUT, [a])[key] + sums(THROUGHPUT, [b])[key]

    assert not THROUGHPUT[pacing.shortfall].adds_up
    assert sums(THROUGHPUT, [a, b])[key] != pytest.approx(parts)


@settings(max_examples=30)
@given(st.lists(days(0) | days(1), max_size=6), st.randoms())
def test_order_and_repetition_change_nothing_in_the_ports_figures(
    snapshots: list[TerminalDay], random: Any
) -> None:
    newest = {(s.terminal, s.on, s.partition, s.offset): s for s in snapshots}
    once = list(newest.values())
    shuffled = once + once
    random.shuffle(shuffled)

    assert said(books_of(THROUGHPUT, once)) == said(books_of(THROUGHPUT, shuffled))


@settings(max_examples=30)
@given(st.lists(cards("a"), max_size=6), st.randoms())
def test_order_and_repetition_change_nothing_in_the_zones_figures(
    snapshots: list[ProjectCard], random: Any
) -> None:
    once = list({(s.project, s.offset): s for s in snapshots}.values())
    shuffled = once + once
    random.shuffle(shuffled)

    assert said(books_of(INVESTMENT, once)) == said(books_of(INVESTMENT, shuffled))


def said(books: Any) -> dict[tuple[Any, ...], float]:
    """All readings of books."""
    return {(str(one.kpi.series), *one.labels): one.value for one in readings(books, NOW)}


def test_the_names_are_the_fixed_ones() -> None:
    fixed = [
        *(f"port_throughput_{name}" for name in FIXED),
        *(f"project_{name}" for name in FIXED_PROJECT),
        *(f"indicator_{name}" for name in FIXED_INDICATOR),
        *(f"target_{name}" for name in FIXED_TARGET),
    ]

    assert sorted(KPIS) == sorted(fixed)
    assert len(ALL) == len(KPIS)


@pytest.mark.parametrize(("family", "kpi"), ALL, ids=lambda one: getattr(one, "series", ""))
def test_every_kpi_says_what_it_is(family: Family[Any, Any], kpi: Kpi[Any]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kpi.series)
    assert not kpi.series.endswith("_total")
    assert re.fullmatch(r"[A-Z].*\.", kpi.help)
    assert kpi.help.count(". ") == 0
    assert kpi.labels[: len(family.by)] == family.by
    assert len(set(kpi.labels)) == len(kpi.labels)
    assert set(kpi.nested) <= set(kpi.by)
    assert not {"instance", "job"} & set(kpi.labels)


def test_a_reading_with_too_few_labels_is_refused() -> None:
    kpi = THROUGHPUT[pacing.pace]

    with pytest.raises(ValueError, match=r"expected \('port_area', 'year'\)"):
        kpi.reading(("tonghai",), 1.0)


def test_a_selector_refuses_a_label_that_the_series_has_not() -> None:
    series = THROUGHPUT[pacing.pace].series

    assert series.where() == "port_throughput_pace_ratio"
    assert series.where(port_area="tonghai", year="~20.*") == (
        'port_throughput_pace_ratio{port_area="tonghai",year=~"20.*"}'
    )
    with pytest.raises(ValueError, match="has no label terminal"):
        series.where(terminal="THE")


def test_recorded_names_tell_level_series_and_operation() -> None:
    teu = KPIS["port_throughput_ytd_teu"]

    assert recorded(teu) == "terminal:port_throughput_ytd_teu:max"
    assert total(teu) == "port:port_throughput_ytd_teu:sum"
    assert isinstance(total(teu), Series)
    assert total(teu).labels == ("port_area", "year")  # type: ignore[union-attr]  # it adds up
    assert recorded(KPIS["port_throughput_pace_ratio"]) == "port:port_throughput_pace_ratio:max"
    assert total(KPIS["port_throughput_pace_ratio"]) is None


def test_nested_labels_are_never_summed_away() -> None:
    signed = total(KPIS["project_signed_projects"])

    assert signed is not None
    assert signed.labels == ("zone", "tier")
    assert total(KPIS["project_stage_projects"]) is None
    assert total(KPIS["project_milestones_due"]) is None


def test_a_family_finds_a_kpi_by_its_formula() -> None:
    assert THROUGHPUT[pacing.gap].series == "port_throughput_gap_teu"
    with pytest.raises(KeyError):
        LATEST[pacing.gap]  # type: ignore[index]  # a formula of another family


class Everything(Collector):
    """Readings of all three kinds of books, as the worker's /metrics shows them."""

    def collect(self) -> Iterator[Metric]:
        port = books_of(THROUGHPUT, [day("2026-02-28", box(9, 90_000), hour=8)])
        zone = Portfolio(BOOK, "haimen")
        zone.post(project("a", milestones=[("m", "2026-01-01", None)]))
        book = IndicatorBook(BOOK, "haimen")
        book.post(indicator("2019", "1"))
        goals = TargetBook(BOOK, "tonghai")
        goals.post(target())
        of_targets = OwnedTarget(goals, (port,))
        every = [one for books in (port, zone, book, of_targets) for one in readings(books, NOW)]
        every.sort(key=lambda one: one.kpi.series)
        for series, same in itertools.groupby(every, key=lambda one: one.kpi.series):
            family = GaugeMetricFamily(series, KPIS[series].help, labels=KPIS[series].labels)
            for one in same:
                family.add_metric(one.labels, one.value)
            yield family


def test_promtool_finds_no_fault_in_the_metrics() -> None:
    registry = CollectorRegistry()
    registry.register(Everything())
    text = generate_latest(registry)

    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, check=False
    )

    assert text.count(b"# HELP") >= 30
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_the_page_has_a_heading_for_every_kpi_and_a_row_for_every_meter() -> None:
    page = markdown(CATALOGUE)

    assert set(re.findall(r"^### (\S+)$", page, re.MULTILINE)) == set(KPIS)
    assert all(f"| `{meter.name}` |" in page for meter in PIPELINE)
    assert set(WORDS) == set(Unit)
    assert "pace = Y / (T·s)" in page


def test_every_view_and_unit_is_used() -> None:
    assert {kpi.view for kpi in KPIS.values()} == set(View)
    assert {kpi.unit for kpi in KPIS.values()} == set(Unit)


def test_measuring_gives_a_reading_for_each_number_of_a_formula() -> None:
    books = books_of(THROUGHPUT, [day("2026-02-28", box(2, 4))])
    of_teu = [r for r in measure(THROUGHPUT, books, NOW) if r.kpi.series.endswith("ytd_teu")]

    assert [(r.labels, r.value) for r in of_teu] == [
        (("tonghai", "2026", "THE"), 4.0),
        (("tonghai", "2026", "THW"), 0.0),
    ]
