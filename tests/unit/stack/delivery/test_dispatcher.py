"""Reports to robots and folders: once each, after a kill, after faults, and the newest alone."""

import ssl
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from msgspec.structs import replace

from contract.alerting import Alerting, Email, Folder, Receiver, Robot
from contract.errors import StackError
from contract.reporting.issued_report import IssuedReport
from reports.issuing.packed_values import packed
from reports.values import ReportIssue
from stack.delivery.delivery_state import DeliveryStep
from stack.delivery.dispatcher import Dispatcher
from stack.processes.tcp_ports import free_port
from stack.reporting.report_files import digests
from stack.reporting.report_store import ReportStore
from tests.unit.kpis.builders import BOOK
from tests.unit.reports.port_of_years import PLAN, measured, two_years
from tests.unit.stack.delivery.mail_server import FULL, NEVER, Mailbox, mail_server
from tests.unit.stack.delivery.robot import LoopbackRobot
from tests.unit.stack.reporting.issued_reports import a_report
from web.pages.page_frame import ISSUED

ISSUED_AT = datetime(2026, 11, 26, tzinfo=UTC)
FILES = {
    "tonghai-daily-2026-11-25-zh-chat.png": b"\x89PNG",
    "tonghai-daily-2026-11-25-zh.pdf": b"%PDF",
}
ISSUE = ReportIssue(date(2026, 11, 26), "08:00", 1)


@pytest.fixture(scope="module")
def values() -> bytes:
    return packed(replace(measured(*two_years(), PLAN), issue=ISSUE))


class Office:
    """A folder of issued reports, a receiver with a robot and a folder, and a clock."""

    def __init__(self, root: Path, robot: LoopbackRobot, values: bytes) -> None:
        self.store, self.now, self.said = ReportStore(root / "reports"), ISSUED_AT, list[str]()
        self.values, self.trusted = values, ssl.create_default_context()
        self.page: str | None = None
        (root / "url").write_text(robot.url)
        (root / "copies").mkdir()
        self.receiver = Receiver(
            "office",
            language="zh",
            reports=("daily",),
            robot=(Robot("wecom", str(root / "url")),),
            folder=(Folder(str(root / "copies")),),
        )
        self.issued: list[IssuedReport] = []

    def issue(self, on: int = 25) -> IssuedReport:
        report = replace(
            a_report(date(2026, 11, on)),
            issued_at=ISSUED_AT,
            files=digests(FILES),
            values=self.values,
        )
        self.store.put(report, FILES)
        self.issued = self.store.issued()
        return self.issued[-1]

    def start(self) -> Dispatcher:
        made = Dispatcher(
            self.store,
            Alerting((self.receiver,), reports=self.page),
            BOOK,
            lambda: self.now,
            self.said.append,
            self.trusted,
        )
        made.recover()
        return made

    def run(self, minutes: int = 0) -> dict[str, DeliveryStep]:
        """Let time pass, and send what is due; return way -> step of the newest report."""
        self.now += timedelta(minutes=minutes)
        dispatcher = self.start()
        dispatcher.plan(self.issued)
        dispatcher.run(self.issued)
        newest = self.issued[-1].number
        return {one.way: one.step for one in dispatcher.states.all() if one.number == newest}


@pytest.fixture
def robot() -> Iterator[LoopbackRobot]:
    with LoopbackRobot().running() as running:
        yield running


@pytest.fixture
def office(tmp_path: Path, robot: LoopbackRobot, values: bytes) -> Office:
    return Office(tmp_path, robot, values)


def test_a_report_arrives_once_by_each_way_a_robot_some_minutes_later(
    office: Office, robot: LoopbackRobot, tmp_path: Path
) -> None:
    office.issue()

    assert office.run() == {"folder-1": DeliveryStep.SENT, "robot-1": DeliveryStep.DUE}
    assert office.run(10) == {"folder-1": DeliveryStep.SENT, "robot-1": DeliveryStep.SENT}
    office.run(10)

    (_, picture), (path, said) = robot.came
    assert path == "/send?key=hush"
    assert picture["msgtype"] == "image"
    assert "495" in said["markdown"]["content"]
    assert sorted(one.name for one in (tmp_path / "copies").iterdir()) == [
        "latest-tonghai-daily-zh.pdf",
        *sorted(FILES, reverse=False),
    ]


def test_a_message_leads_to_the_reports_on_the_web_page(
    office: Office, robot: LoopbackRobot
) -> None:
    office.page = "https://board.port.example/"
    office.issue()

    office.run(10)

    _, (_, said) = robot.came
    assert f"(https://board.port.example{ISSUED}?area=tonghai)" in said["markdown"]["content"]


def test_a_refusal_is_tried_again_after_growing_pauses_and_given_up_after_a_day(
    office: Office, robot: LoopbackRobot
) -> None:
    """Attempts at minute 10, then 1, 5, 15, 60 min later, then each hour until 24 h are over."""
    robot.answer = {"errcode": 45009, "errmsg": "api freq out of limit"}
    office.issue()
    came = []

    for minutes in (10, 0, 1, 4, 1, 15, 59, 1):
        office.run(minutes)
        came.append(len(robot.came))

    assert came == [1, 1, 2, 2, 3, 4, 4, 5]  # the picture is refused first, each time
    assert "code 45009: api freq out of limit" in office.said[-1]
    assert "hush" not in "".join(office.said)
    for _ in range(30):
        steps = office.run(60)
    assert steps["robot-1"] is DeliveryStep.FAILED


def test_a_robot_that_is_killed_or_silent_on_the_way_is_unknown_and_not_asked_twice(
    office: Office, robot: LoopbackRobot
) -> None:
    report = office.issue()
    office.run()
    states = office.start().states
    held = states.held(report.number, "office", "robot-1")
    assert held is not None
    states.put(replace(held, step=DeliveryStep.SENDING))

    assert office.run(10)["robot-1"] is DeliveryStep.UNKNOWN
    assert robot.came == []

    with pytest.raises(StackError, match="by robot-1 is unknown: --again sends it once more"):
        office.start().send(report, replace(office.receiver, folder=()))
    office.start().send(report, office.receiver, again=True)
    assert len(robot.came) == 2  # picture and text


def test_after_downtime_a_group_gets_the_newest_report_with_the_others_named(
    office: Office, robot: LoopbackRobot
) -> None:
    for on in (23, 24, 25):
        office.issue(on)

    assert office.run(10)["robot-1"] is DeliveryStep.SENT
    assert "另已签发：2026-11-23, 2026-11-24" in robot.came[-1][1]["markdown"]["content"]
    assert len(robot.came) == 2


def test_what_was_issued_more_than_a_day_ago_goes_to_no_new_receiver(
    office: Office, robot: LoopbackRobot
) -> None:
    office.issue()

    assert office.run(24 * 60 + 1) == {}


def test_a_folder_that_is_gone_is_named_and_its_report_comes_once_it_is_there(
    office: Office, tmp_path: Path
) -> None:
    (tmp_path / "copies").rmdir()
    office.issue()
    assert office.run()["folder-1"] is DeliveryStep.DUE
    assert "copies: No such file or directory" in office.said[-1]

    (tmp_path / "copies").mkdir()
    assert office.run(1)["folder-1"] is DeliveryStep.SENT


def test_a_test_is_marked_and_keeps_no_state(office: Office, robot: LoopbackRobot) -> None:
    report = office.issue()

    office.start().test(report, office.receiver)

    assert "【测试】" in robot.came[-1][1]["markdown"]["content"]
    assert list(office.start().states.all()) == []


def test_an_email_goes_again_after_a_kill_with_the_same_id_and_to_those_who_lack_it(
    office: Office, tmp_path: Path
) -> None:
    """Of three addresses one is refused for good and one for now; a kill comes while it sends."""
    mailbox, port = Mailbox(), free_port()
    (tmp_path / "password").write_text("right")
    way = Email(
        f"office@port.example, {FULL}, {NEVER}",
        "quaymark@port.example",
        f"127.0.0.1:{port}",
        "quaymark",
        str(tmp_path / "password"),
    )
    office.receiver = Receiver("office", language="zh", reports=("daily",), email=(way,))
    report = office.issue()
    with mail_server(mailbox, port) as office.trusted:
        assert office.run() == {"email-1": DeliveryStep.DUE}  # FULL is to get it later
        held = office.start().states.held(report.number, "office", "email-1")
        assert held is not None
        assert held.left == (FULL,)
        assert [one.partition(":")[0] for one in held.refused] == [NEVER]
        office.start().states.put(replace(held, step=DeliveryStep.SENDING))

        mailbox.full = False
        assert office.run(1) == {"email-1": DeliveryStep.SENT}
        assert office.run(60) == {"email-1": DeliveryStep.SENT}

    assert [one.rcpt_tos for one in mailbox.came] == [["office@port.example"], [FULL]]
    ids = {message_from_bytes(one.content)["Message-ID"] for one in mailbox.came}
    assert len(ids) == 1
