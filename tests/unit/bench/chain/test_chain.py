"""These tests check the archive that the bench of the chain makes, and its table."""

from datetime import date
from pathlib import Path

import pytest

from archive.manifest import ArchiveManifest
from archive.verify import gaps
from bench.chain import chain_table
from bench.chain.bare_archive import read
from bench.chain.chain_run import Round
from bench.chain.years import archive, moves_in
from bench.recount import Count
from contract.book import read_book
from contract.topics import TARGETS

ROOT = Path(__file__).parents[4]
MB = 1 << 20


@pytest.fixture(scope="module")
def july(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of July 2020 with a hundredth of its moves."""
    folder = tmp_path_factory.mktemp("bench") / "july"
    book = read_book((ROOT / "quaymark.toml").read_text(encoding="utf-8"), "quaymark.toml")
    archive(folder, book, date(2020, 7, 1), date(2020, 7, 31), 0.01)
    return folder


def test_an_archive_is_whole_and_has_its_years_target(july: Path) -> None:
    """July had 8.95 % of 2020's 1,405,700 TEU; a hundredth of that is 1,258 TEU, give or take."""
    manifest = ArchiveManifest.read(july)

    assert list(gaps(manifest, thoroughly=True)) == []
    assert [part.records for part in manifest.of(TARGETS.name)] == [1]
    count = Count()
    for value in moves_in(july):
        count.take(value)
    assert sum(count.truth().books.values()) == pytest.approx(125_800, rel=0.05)


def test_the_limit_sums_every_event_of_an_archive(july: Path) -> None:
    count = Count()
    for value in moves_in(july):
        count.take(value)

    limit = read(july)

    assert limit.events == count.truth().events > 1_000
    assert limit.sums == count.truth().every_event


def test_the_table_compares_stages_with_the_limit_of_the_same_round() -> None:
    """30 s are 6 times a limit of 5 s, 24 s are 4 times one of 6 s; of two the median is 5."""
    rounds = [one_round((20.0, 4.0, 6.0), 5.0), one_round((12.0, 4.0, 8.0), 6.0)]

    found = chain_table.result(rounds, [one_round((1.0, 1.0, 1.0), 1.0, "2 years")])
    lines = chain_table.section(found).splitlines()

    assert "| **the whole chain** | 27.0 (24.0 – 30.0) | 5.0 (4.0 – 6.0) |" in lines
    assert "| the archive into Kafka | 16.0 (12.0 – 20.0) | 3.0 (2.0 – 4.0) |" in lines
    assert "| worker | 3.0 | 200 |" in lines
    assert "| promtool |  | 90 |" in lines
    assert "| 2 years | 1,000 | 200 | 90 |" in lines
    assert "sums are exact" in lines[2]


def test_the_table_shows_that_one_sum_is_wrong() -> None:
    rounds = [one_round((1.0, 1.0, 1.0), 1.0), one_round((1.0, 1.0, 1.0), 1.0, exact=False)]

    assert "**wrong**" in chain_table.section(chain_table.result(rounds, []))


def one_round(
    stages: tuple[float, float, float], limit: float, name: str = "round", *, exact: bool = True
) -> Round:
    cpu, peaks = {"worker": 3.0}, {"worker": 200 * MB, "promtool": 90 * MB}
    return Round(name, 1_000, stages, limit, cpu, peaks, exact)
