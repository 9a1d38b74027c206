from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract.book import read_book
from kpis.port.comparison import Comparability
from stack.status.exposition import Exposition, lag
from stack.status.headline import REASONS, Section, sections

ROOT = Path(__file__).parents[4]
NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # noon at the port
PORT = 'port_area="tonghai",year="2026"'
# 2026-11-25 11:30 at the port is 03:30 UTC: 20,782 days after 1970 and 12,600 s
AS_OF = 20_782 * 86_400 + 12_600
EXPOSITION = f"""\
# TYPE port_throughput_ytd_teu gauge
port_throughput_ytd_teu{{{PORT},terminal="THC"}} 400000.25
port_throughput_ytd_teu{{{PORT},terminal="THE"}} 300000.5
port_throughput_ytd_teu{{port_area="tonghai",year="2025",terminal="THE"}} 999.0
# TYPE port_throughput_pace_ratio gauge
port_throughput_pace_ratio{{{PORT}}} 0.9712
# TYPE port_throughput_month_to_date_teu gauge
port_throughput_month_to_date_teu{{port_area="tonghai",terminal="THC"}} 40000.0
port_throughput_month_to_date_teu{{port_area="tonghai",terminal="THE"}} 30000.4
# TYPE port_throughput_month_on_month_ratio gauge
port_throughput_month_on_month_ratio{{port_area="tonghai"}} -0.0234
port_throughput_month_on_month_code{{port_area="tonghai"}} 0.0
# TYPE port_throughput_month_on_year_code gauge
port_throughput_month_on_year_code{{port_area="tonghai"}} 3.0
# TYPE port_throughput_ytd_on_year_code gauge
port_throughput_ytd_on_year_code{{{PORT}}} 2.0
# TYPE port_throughput_status_code gauge
port_throughput_status_code{{{PORT}}} 2.0
# TYPE port_throughput_as_of_timestamp_seconds gauge
port_throughput_as_of_timestamp_seconds{{{PORT}}} {AS_OF}
# TYPE project_signed_projects gauge
project_signed_projects{{zone="haimen",tier="100M",year="2018"}} 100.0
project_signed_projects{{zone="haimen",tier="100M",year="2020"}} 12.0
project_signed_projects{{zone="haimen",tier="10bn",year="2020"}} 0.0
# TYPE project_committed_yuan gauge
project_committed_yuan{{zone="haimen",year="2018"}} 51500000000.0
# TYPE pipeline_events_total counter
pipeline_events_total{{topic="port.moves.raw"}} 986000.0
# TYPE pipeline_lag_events gauge
pipeline_lag_events{{topic="port.moves.raw",partition="0"}} 5.0
pipeline_lag_events{{topic="port.moves.raw",partition="1"}} 7.0
pipeline_lag_events{{topic="zone.projects.raw",partition="1"}} 1.0
# TYPE pipeline_rejected_total counter
pipeline_rejected_total{{reason="conflict"}} 3.0
pipeline_rejected_total{{reason="too_old"}} 0.0
pipeline_rejected_total{{reason="unknown_size"}} 12.0
"""


@pytest.fixture
def shown() -> dict[str, dict[str, str]]:
    book = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
    found: list[Section] = list(sections(Exposition(EXPOSITION), book, NOW))
    return {section.title: dict(section.rows) for section in found}


def test_the_port_shows_this_years_sum_over_its_terminals(
    shown: dict[str, dict[str, str]],
) -> None:
    port = shown["Tonghai port area 2026"]

    assert port["handled"] == "700,001 TEU"  # 400,000.25 + 300,000.5 = 700,000.75
    assert port["pace"] == "97.1% of plan, behind"
    assert port["figures up to"] == "2026-11-25 11:30 (30 minutes ago)"
    assert port["forecast"] == "–"  # not exported: not known yet


def test_a_comparison_shows_its_number_or_its_reason(shown: dict[str, dict[str, str]]) -> None:
    port = shown["Tonghai port area 2026"]

    assert port["month to date"] == "70,000 TEU"
    assert port["month on month, mean day"] == "-2.3%"
    assert port["month on last year"] == "– (the books lack a week of days)"
    assert port["year on last year"] == "– (the books begin later)"


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(Comparability) - {Comparability.COMPARED}


def test_the_zone_shows_each_tier_over_all_years_and_never_sums_tiers(
    shown: dict[str, dict[str, str]],
) -> None:
    zone = shown["Haimen Economic and Technological Development Zone"]

    assert zone["signed, CNY 100M or more"] == "112 projects"
    assert "signed, CNY 10bn or more" not in zone
    assert zone["committed"] == "CNY 51.5 bn"


def test_the_pipeline_shows_what_waits_and_what_was_rejected(
    shown: dict[str, dict[str, str]],
) -> None:
    pipeline = shown["Pipeline"]

    assert pipeline["port.moves.raw"] == "986,000 read, 12 waiting"
    assert pipeline["rejected, conflict"] == "3"
    assert "rejected, too_old" not in pipeline
    assert pipeline["counted without TEU, unknown_size"] == "12"
    assert "rejected, unknown_size" not in pipeline


def test_lag_is_summed_over_all_partitions_and_unknown_without_any() -> None:
    assert lag(EXPOSITION) == 13
    assert lag("port_throughput_ytd_teu 1.0\n") is None


def test_a_sample_is_asked_by_its_labels() -> None:
    samples = Exposition(EXPOSITION)

    assert samples.one("pipeline_lag_events", partition="0") == 5
    assert samples.one("pipeline_lag_events", partition="9") is None
    assert samples.total("no_such_series") is None
    assert samples.values("pipeline_lag_events", "topic") == [
        "port.moves.raw",
        "zone.projects.raw",
    ]
