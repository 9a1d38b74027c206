"""Reports issued from the books on a real Kafka: frozen, revised, made again, killed."""

import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from broker.connection import Connection
from broker.reader import TopicReading
from contract.errors import QuaymarkError
from contract.events import ContainerMoved
from contract.reporting.issued_report import IssuedReport
from contract.topics import MOVES, REPORTS, TARGETS, TERMINAL_DAYS
from contract.wire import encode, event_key
from kpis.reporting import ISSUED
from stack.__main__ import quaymark
from stack.http_client import page
from stack.processes.tcp_ports import free_port
from stack.reporting.report_store import decode_issue
from tests.integration.reports.test_report_show import say
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.workers import HERE, send, until
from tests.unit.kpis.builders import box, day
from tests.unit.reports.issuing.moves import move
from tests.unit.reports.port_of_years import PLAN, days, two_years

FIRST, SECOND = "tonghai/daily/2026-11-24/1", "tonghai/daily/2026-11-25/1"
KILLED = """
import os, signal, sys
from stack import __main__ as door
from stack.reporting import report_store, report_topics

def killing(call, when):
    def killed(*given, **named):
        done = None if when == "before" else call(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        return done
    return killed

step = sys.argv.pop(1)
when, what = step.split("-")
place = {
    "written": (report_store, "_write"),
    "put": (report_store.ReportStore, "put"),
    "recorded": (report_topics, "record_report"),
}[what]
setattr(*place, killing(getattr(*place), when))
door.main()
"""


@pytest.fixture
def reported(
    broker: RunningBroker, topics: Topics, environ: dict[str, str], tmp_path: Path
) -> dict[str, str]:
    """The books of two years with their plan, and a book of the port that issues in English."""
    topics()
    say(broker.bootstrap, TERMINAL_DAYS, *two_years("2026-11-25"))
    send(broker.bootstrap, [(PLAN.data.key.encode(), encode(PLAN), 0)], TARGETS.name)
    book = (HERE / "quaymark.toml").read_text(encoding="utf-8")
    plan = '\n[report]\nlanguages = ["en"]\nkinds = ["daily"]\npatience_minutes = 0\n'
    (tmp_path / "quaymark.toml").write_text(book + plan, encoding="utf-8")
    book_path = str(tmp_path / "quaymark.toml")
    return environ | {"QUAYMARK_BOOK": book_path, "QUAYMARK_FORECAST_MINUTES": "0"}


def run(environ: dict[str, str], *line: str) -> Result:
    """Run a command within this process, which has loaded what each command would load anew."""
    done = CliRunner().invoke(quaymark, line, env=environ)
    assert done.exception is None or isinstance(done.exception, QuaymarkError | SystemExit), done
    return done


def ok(done: Result) -> str:
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def refusal(done: Result) -> str:
    """What the entry point would say on stderr."""
    assert isinstance(done.exception, QuaymarkError)
    return str(done.exception)


def issue(environ: dict[str, str], *line: str) -> str:
    """Issue a report; no worker runs, so that nobody says that Kafka is read to its end."""
    return ok(run(environ, "report", "issue", *line, "--provisional"))


def records(bootstrap: str) -> list[IssuedReport]:
    with TopicReading(Connection(bootstrap), REPORTS) as reading:
        return [decode_issue(one.value) for batch in reading.rest() for one in batch if one.value]


def files(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(place.iterdir())}


def test_an_issue_is_frozen_revised_by_the_next_and_made_again_with_the_same_bytes(
    reported: dict[str, str], broker: RunningBroker, tmp_path: Path
) -> None:
    """24 November has 330 TEU at THE; later it has 12.5 more: one move late, one amended."""
    bootstrap, root = broker.bootstrap, tmp_path / "reports"
    original = move("amended", on="2026-11-24 10:00")
    send_moves(bootstrap, original)
    noted = ok(run(reported, "report", "note", "2026-11-25", "风大 <停工> 龘", "--by", "王芳"))
    assert "drawn as a box, since the fonts lack it: 龘 (U+9F98" in noted
    unwhole = run(reported, "report", "issue", "2026-11-24")
    assert "--provisional issues it all the same" in refusal(unwhole)
    issue(reported, "2026-11-24")
    before = files(root / FIRST)

    again = run(reported, "report", "issue", "2026-11-24")
    assert f"{FIRST} is issued already" in refusal(again)

    later = "2026-11-25 09:00"
    send_moves(
        bootstrap,
        move("late", on="2026-11-24 11:00", recorded=later),
        move("amended", on="2026-11-24 10:00", recorded=later),
    )
    mended = day("2026-11-24", box(100, 342.5), terminal="THE", hour=23, offset=2)
    say(bootstrap, TERMINAL_DAYS, mended)
    rare = issue(reported, "2026-11-25")
    assert f"{SECOND}: drawn as a box, since the fonts lack it: 龘 (U+9F98" in rare

    text = (root / SECOND / "tonghai-daily-2026-11-25-en.txt").read_text(encoding="utf-8")
    assert "24 Nov, Tonghai East: 330 → 343 TEU (1 late; 1 amended)" in text
    assert "25 Nov: 风大 <停工> 龘 (王芳)" in text
    assert "Events wait that are not booked yet." in text
    assert files(root / FIRST) == before
    listed = ok(run(reported, "report", "list"))
    assert [line.split()[0] for line in listed.splitlines()] == [FIRST, SECOND]
    assert {one.number for one in records(bootstrap)} == {FIRST, SECOND}

    assert "2 reports" in ok(run(reported, "report", "verify"))
    page = root / SECOND / "tonghai-daily-2026-11-25-en.html"
    page.write_bytes(page.read_bytes() + b" ")
    shutil.rmtree(root / "tonghai/daily/2026-11-24")
    damaged = run(reported, "report", "verify")
    assert "of 16 files are not as they were issued" in refusal(damaged)
    assert "en.html: other bytes than those issued" in damaged.output
    ok(run(reported, "report", "rebuild"))
    assert files(root / FIRST) == before
    ok(run(reported, "report", "verify"))


def send_moves(bootstrap: str, *moves: ContainerMoved) -> None:
    send(bootstrap, [(event_key(one), encode(one), 0) for one in moves], MOVES.name)


@pytest.mark.parametrize(
    "step",
    ["after-written", "before-recorded"],
)
def test_a_kill_at_a_step_leaves_nothing_half_issued_and_the_next_run_issues_once(
    reported: dict[str, str], broker: RunningBroker, tmp_path: Path, step: str
) -> None:
    line = ("report", "issue", "2026-11-25", "--provisional")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, step, *line],
        cwd=HERE,
        env=reported,
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr
    is_issued = step == "before-recorded"
    assert (tmp_path / "reports" / SECOND).exists() == is_issued
    assert records(broker.bootstrap) == []

    done = run(reported, *line)

    assert (done.exit_code == 0) == (not is_issued)
    assert [one.number for one in records(broker.bootstrap)] == [SECOND]
    assert "1 reports" in ok(run(reported, "report", "verify"))
    assert not (tmp_path / "reports/.making").exists() or not is_issued


def test_the_schedule_issues_yesterday_once_and_nothing_more_after_a_restart(
    broker: RunningBroker, reported: dict[str, str], tmp_path: Path
) -> None:
    """The clock of this machine says which day is yesterday; its terminals worked until 24:00."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()  # noqa: TID251  # the command's clock
    yesterday = today - timedelta(1)
    say(broker.bootstrap, TERMINAL_DAYS, *days(f"{yesterday - timedelta(40)}", f"{yesterday}"))
    port = free_port()
    book = Path(reported["QUAYMARK_BOOK"])
    plan = book.read_text(encoding="utf-8") + "issue_at = 00:00:00\n"
    book.write_text(plan, encoding="utf-8")
    environ = reported | {"QUAYMARK_REPORT_METRICS_PORT": str(port)}
    sample = f'{ISSUED.name}{{kind="daily",owner="tonghai"}}'
    for _ in range(2):
        watching = subprocess.Popen(
            [sys.executable, "-m", "stack", "report", "watch"], cwd=HERE, env=environ
        )
        try:
            until(
                "the report's metric",
                lambda: sample in (page(f"http://127.0.0.1:{port}/metrics") or "") or None,
            )
        finally:
            watching.terminate()
            assert watching.wait(60) == 0

    found = [one.number for one in records(broker.bootstrap) if one.owner == "tonghai"]
    assert found == [f"tonghai/daily/{yesterday}/1"]
