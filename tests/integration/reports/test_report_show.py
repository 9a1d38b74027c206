"""`quaymark report show` from the books on a real Kafka, and its page printed by Chromium."""

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pypdfium2
import pytest

from contract.snapshots import Snapshot
from contract.topics import PROJECT_CARDS, TARGETS, TERMINAL_DAYS, Topic
from contract.wire import encode, partition_of, snapshot_key
from tests.integration.support.commands import ok, run
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import HERE, send
from tests.unit.kpis.builders import project
from tests.unit.reports.port_of_years import PLAN, two_years

A4_POINTS = pytest.approx((595, 842), abs=2)
MEGABYTES = 250
PEAK = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


@pytest.fixture
def books(broker: RunningBroker, topics: Topics, environ: dict[str, str]) -> dict[str, str]:
    """Two years of two of the book's terminals, its plan, and a project with a late milestone."""
    topics()
    late = project("p1", milestones=[("completed", "2026-10-01", None)])
    say(broker.bootstrap, TERMINAL_DAYS, *two_years("2026-11-26"))
    say(broker.bootstrap, PROJECT_CARDS, late)
    key = PLAN.data.key.encode()
    send(broker.bootstrap, [(key, encode(PLAN), 0)], TARGETS.name)
    return environ


def say(bootstrap: str, topic: Topic, *snapshots: Snapshot) -> None:
    records = [
        (key := snapshot_key(one), encode(one), partition_of(key, topic.partitions))
        for one in snapshots
    ]
    send(bootstrap, records, topic.name)


@pytest.mark.needs("chromium")
def test_a_day_of_two_years_is_shown_in_each_form_and_language(
    books: dict[str, str], tmp_path: Path
) -> None:
    """495 TEU a day; 330 days since 1 January are 163,350 by 26 November."""
    day = "2026-11-26"
    for lang in ("zh", "en"):
        for form in ("html", "pdf", "png", "xlsx", "csv", "json", "text"):
            made = [tmp_path / f"{lang}-{n}.{form}" for n in (1, 2)]
            for path in made[: 2 if lang == "en" else 1]:
                line = ("report", "show", day, "--language", lang, "--form", form)
                ok(run(books, *line, "-o", str(path)))
            assert lang == "zh" or made[0].read_bytes() == made[1].read_bytes()
    line = ("report", "show", day, "--language", "zh", "--form", "png")
    assert peak(books, *line, "-o", str(tmp_path / "peak.png")) < MEGABYTES

    rows = list(csv.DictReader(StringIO((tmp_path / "en-1.csv").read_text("utf-8-sig"))))
    year = [row for row in rows if row["series"] == "port_throughput_ytd_teu"]
    assert "163350.0" in {row["value"] for row in year if not row["against"]}
    assert json.loads((tmp_path / "zh-1.json").read_text())["whole"] is True

    for lang in ("zh", "en"):
        assert printed(tmp_path / f"{lang}-1.html", tmp_path / f"{lang}.pdf") == [A4_POINTS]


def peak(environ: dict[str, str], *line: str) -> float:
    """Return the most memory in MB of a command and its children, started by a process of its own.

    The test's process has had brokers as children, whose memory would count as well.
    """
    said = subprocess.run(
        [sys.executable, "-c", PEAK, sys.executable, "-m", "stack", *line],
        cwd=HERE,
        env=environ,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return int(said.stdout.splitlines()[-1]) / 1024


def printed(page: Path, pdf: Path) -> list[tuple[float, float]]:
    """The sizes of the pages, in points, on which Chromium prints an HTML file."""
    subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"),
            *(f"--print-to-pdf={pdf}", page.as_uri()),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    document = pypdfium2.PdfDocument(pdf)
    return [document[n].get_size() for n in range(len(document))]


def test_what_cannot_be_shown_is_said(books: dict[str, str], tmp_path: Path) -> None:
    unwritable = tmp_path / "none" / "page.pdf"
    for line, said in (
        (("--form", "pdf"), "name a file with -o"),
        (("2999-01-01",), "is not over before 2999-01-02"),
        (("--owner", "nowhere"), "not in the port's book, expected one of tonghai, haimen"),
        (("-o", str(unwritable)), "No such file or directory; nothing was written"),
    ):
        done = run(books, "report", "show", *line)
        assert done.returncode != 0
        assert said in done.stderr.replace("\n", " ")


def test_empty_books_say_how_they_are_filled(topics: Topics, environ: dict[str, str]) -> None:
    topics()

    done = run(environ, "report", "show", "2026-11-25")

    assert done.returncode == 1
    assert "the books hold neither moves nor projects" in done.stderr
