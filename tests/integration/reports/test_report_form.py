"""`quaymark report form`: a month from the books on a real Kafka, in the example's template."""

from pathlib import Path

import openpyxl
import pytest

from contract.topics import TARGETS, TERMINAL_DAYS
from contract.wire import encode
from tests.integration.reports.test_report_show import say
from tests.integration.support.commands import ok, run
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import HERE, send
from tests.unit.reports.port_of_years import PLAN, two_years

TEMPLATE, MAPPING = (HERE / f"docs/forms/container-month.{end}" for end in ("xlsx", "toml"))


@pytest.fixture
def books(broker: RunningBroker, topics: Topics, environ: dict[str, str]) -> dict[str, str]:
    """Two years of two terminals and their plan; October is whole, November's last day is not."""
    topics()
    say(broker.bootstrap, TERMINAL_DAYS, *two_years("2026-11-27"))
    send(broker.bootstrap, [(PLAN.data.key.encode(), encode(PLAN), 0)], TARGETS.name)
    return environ


def test_a_month_is_filled_into_the_template_and_what_is_unknown_is_listed(
    books: dict[str, str], tmp_path: Path
) -> None:
    """31 days of 495 TEU and 400 boxes; 33 cells of weights, 18 of boxes and TEU by trade."""
    made = tmp_path / "october.xlsx"
    line = ("report", "form", "2026-10", "--template", str(TEMPLATE), "--mapping", str(MAPPING))

    said = ok(run(books, *line, "-o", str(made)))

    assert f"{made}: 2026-10, 58 cells filled, 51 left empty" in said
    assert "集装箱吞吐量!E6:E16, H6:H16, K6:K16: the books hold no weights" in said
    assert "C13:C15, D13:D15, F13:F15, G13:G15, I13:I15, J13:J15: the books hold no trade" in said
    sheet = openpyxl.load_workbook(made)["集装箱吞吐量"]
    assert [sheet[at].value for at in ("B2", "C6", "D6")] == ["通海港区", 12_400, 15_345]

    before = made.read_bytes()
    ok(run(books, *line, "-o", str(made)))
    assert made.read_bytes() == before


def test_what_can_not_be_filled_is_said_and_nothing_is_written(
    books: dict[str, str], tmp_path: Path
) -> None:
    """August's mapping names a heading as a cell; 2024 is before the books."""
    made, wrong = tmp_path / "form.xlsx", tmp_path / "wrong.toml"
    wrong.write_text("[[cell]]\nat = 'C5'\nfigure = 'boxes'\n", "utf-8")
    unread = tmp_path / "unread.toml"
    unread.write_text("[[cell]]\nat = 'C5'\nfigure = 'boxen'\n", "utf-8")
    form = ("report", "form")
    for line, code, part in (
        (("2026-10", "--mapping", str(wrong)), 1, "C5: holds the text '箱'; map the cell beside"),
        (("2026-10", "--mapping", str(unread)), 2, "[[cell]] 1, C5: figure 'boxen' is unknown"),
        (("2026-10", "--mapping", str(tmp_path / "none.toml")), 2, "No such file or directory"),
        (("2024-10", "--mapping", str(MAPPING)), 1, "the books hold no move of tonghai up to"),
        (("2999-10", "--mapping", str(MAPPING)), 2, "is not over before"),
        (("2026-10", "--mapping", str(MAPPING), "--owner", "haimen"), 2, "no port area, expected"),
    ):
        done = run(books, *form, *line, "--template", str(TEMPLATE), "-o", str(made))
        assert (done.returncode, made.exists()) == (code, False), done.stderr
        assert part in done.stderr.replace("\n", " ")
    line = ("2026-10", "--mapping", str(MAPPING), "--template", str(TEMPLATE))
    same = run(books, *form, *line, "-o", str(TEMPLATE))
    assert same.returncode == 2
    assert "is the template itself, expected another file" in same.stderr
