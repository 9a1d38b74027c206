"""A folder that `quaymark init` wrote starts with empty books, and counts its own files then."""

from pathlib import Path

import pytest

from contract.book import read_book
from contract.topics import INDICATORS, MOVES, PROJECTS, TARGETS
from tests.integration.producers.test_real_port import held
from tests.integration.support.installation.port_folder import PortFolder
from tests.integration.support.workers import HERE, Running, becomes, recent

pytestmark = pytest.mark.kafka

CASES = HERE / "tests/fixtures/cases"
NAMES = ("docno-words-1.edi", "docno-words-2.edi", "nad-ms.edi")
"""Two voyages under one constant document number, and a lift whose terminal NAD+MS alone names:
three moves of a 22G1, which has 20 ft, so 3 TEU."""


def recent_files(folder: Path) -> list[str]:
    """Return copies of the files whose two days in 2026 are three days and one day ago."""
    folder.mkdir()
    days = {"260305": recent(3), "260402": recent(1)}
    for name in NAMES:
        text = (CASES / name).read_text("ascii")
        for then, now in days.items():
            text = text.replace(then, f"{now:%y%m%d}")
        (folder / name).write_text(text, "ascii")
    return [str(folder / name) for name in NAMES]


def made_port(folder: Path, files: list[str]) -> PortFolder:
    """Return a port that `quaymark init` described by its files; its .env has free TCP ports."""
    port = PortFolder(folder, files=False)
    settings = {n: value for n, value in port.environ.items() if n.startswith("QUAYMARK_")}
    port.environ = {n: value for n, value in port.environ.items() if n not in settings}
    sources = [word for file in files for word in ("--from", file)]
    options = ("--area", "north=North|北港", "--teu", "100")
    code, said = port.quaymark("init", *sources, "--yes", *options)
    assert code == 0, said
    assert "3 moves and 3.00 TEU of these files count; 0 of 3 records are refused" in said
    with (port.folder / ".env").open("a", encoding="utf-8") as env:
        env.writelines(f"{name}={value}\n" for name, value in settings.items())
    return port


def moves(worker: Running) -> float:
    """Return the number of moves that count, by the worker's /metrics."""
    return sum(worker.samples("port_throughput_ytd_moves").values())


def test_a_port_from_its_own_files_starts_empty_and_then_counts_them(tmp_path: Path) -> None:
    files = recent_files(tmp_path / "files")
    port = made_port(tmp_path / "our port", files)
    book = read_book((port.folder / "quaymark.toml").read_text("utf-8"), "quaymark.toml")
    (partner,) = book.partner
    assert partner.document_numbers_repeat
    assert partner.terminal_from[-1] == "NAD+MS"

    with port.up() as worker:
        assert held(port.kafka, MOVES, PROJECTS, INDICATORS, TARGETS) == {
            MOVES.name: 0,
            PROJECTS.name: 0,
            INDICATORS.name: 0,
            TARGETS.name: 1,
        }
        boards = {
            path.stem for path in (port.folder / ".quaymark/grafana/dashboards/en").iterdir()
        }
        assert boards == {"port", "targets", "pipeline"}
        code, said = port.quaymark("import", *files)
        assert code == 0, said
        becomes("the moves are counted", lambda: moves(worker), 3.0)
