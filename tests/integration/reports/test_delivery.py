"""Reports and alerts to servers on loopback: once through kills, signed as robots want."""

import asyncio
import base64
import hashlib
import hmac
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from contract.settings import Settings
from reports.issuing.packed_values import packed
from reports.values import ReportIssue
from rules.config_files import ALERTMANAGER, render
from stack.delivery.delivery_state import DeliveryStep, DeliveryStore
from stack.http_client import page
from stack.processes import monitoring
from stack.processes.child import Child
from stack.render import local_site
from stack.reporting.report_files import digests
from stack.reporting.report_store import ReportStore
from tests.integration.support.commands import ok, run
from tests.integration.support.ports import free_port
from tests.integration.support.workers import HERE, until
from tests.unit.reports.port_of_years import PLAN, measured, two_years
from tests.unit.stack.delivery.mail_server import Mailbox, mail_server
from tests.unit.stack.delivery.robot import LoopbackRobot
from tests.unit.stack.reporting.issued_reports import a_report

KEY = "SEC0123456789"
FILES = {
    "tonghai-daily-2026-11-25-zh-chat.png": b"\x89PNG",
    "tonghai-daily-2026-11-25-zh.pdf": b"%PDF",
}


class SignedRobot(LoopbackRobot):
    """A robot that takes a message only if it is signed with KEY within the last hour."""

    def __init__(self, signature: Callable[[str, Any], tuple[str, str, float]]) -> None:
        super().__init__()
        self._signature = signature

    def answer_to(self, path: str, body: Any) -> dict[str, Any]:
        signed, expected, seconds = self._signature(path, body)
        now = time.time()  # noqa: TID251  # a robot has a clock
        if signed == expected and abs(now - seconds) < 3600:
            return {"errcode": 0, "errmsg": "ok"}
        return {"errcode": 310000, "errmsg": "sign not match"}


def by_dingtalk(path: str, body: Any) -> tuple[str, str, float]:
    """The key signs milliseconds, a line break and itself; both stand in the query."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    text = f"{query['timestamp']}\n{KEY}"
    made = hmac.new(KEY.encode(), text.encode(), hashlib.sha256).digest()
    return query["sign"], base64.b64encode(made).decode(), int(query["timestamp"]) / 1000


def by_feishu(path: str, body: Any) -> tuple[str, str, float]:
    """Seconds, a line break and the key sign nothing; both stand in the body."""
    text = f"{body['timestamp']}\n{KEY}"
    made = hmac.new(text.encode(), b"", hashlib.sha256).digest()
    return body["sign"], base64.b64encode(made).decode(), float(body["timestamp"])


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    """The environment of a port whose Kafka does not answer; alerts and reports need none."""
    return {
        "PATH": os.environ["PATH"],  # noqa: TID251  # a test is a door
        "QUAYMARK_KAFKA": f"127.0.0.1:{free_port()}",
        "QUAYMARK_FOLDER": str(tmp_path / "data"),
        "QUAYMARK_ALERTING": str(tmp_path / "alerting.toml"),
        "QUAYMARK_ALERTMANAGER_PORT": str(free_port()),
        "QUAYMARK_REPORT_METRICS_PORT": str(free_port()),
    }


@contextmanager
def watching(environ: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `quaymark report watch`, which sends reports and passes alerts on."""
    process = subprocess.Popen(
        [sys.executable, "-m", "stack", "report", "watch"], cwd=HERE, env=environ
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(60)


@contextmanager
def alertmanager(environ: dict[str, str], folder: Path) -> Iterator[None]:
    """Run the Alertmanager that `up` would run with these settings, without waits of groups."""
    settings = Settings.from_env({k: v for k, v in environ.items() if k.startswith("QUAYMARK")})
    files = render(replace(local_site(settings), at_once=True))
    for path, text in files.items():
        if path.startswith("alertmanager/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    program = monitoring.found(monitoring.ALERTMANAGER)
    assert program, monitoring.HOW_TO_GET["alertmanager"]
    port = settings.alertmanager_port
    child = Child(
        monitoring.alertmanager(program, folder / ALERTMANAGER, folder / "am", port),
        folder / "log",
    )
    child.start()
    try:
        until("Alertmanager is ready", lambda: page(f"http://127.0.0.1:{port}/-/ready"))
        yield
    finally:
        child.stop()


def test_an_alert_by_hand_reaches_the_robots_that_alertmanager_lacks_signed(
    site: dict[str, str], tmp_path: Path
) -> None:
    """Each robot gets the alert once, through Alertmanager, its webhook and the bridge."""
    (tmp_path / "key").write_text(KEY)
    robots = {"dingtalk": SignedRobot(by_dingtalk), "feishu": SignedRobot(by_feishu)}
    lines = ['[[receiver]]\nname = "desk"\nlanguage = "zh"']
    with ExitStack() as running:
        for kind, robot in robots.items():
            running.enter_context(robot.running())
            (tmp_path / kind).write_text(robot.url)
            lines.append(
                f'[[receiver.robot]]\nkind = "{kind}"\nurl_file = "{tmp_path / kind}"\n'
                f'secret_file = "{tmp_path / "key"}"'
            )
        (tmp_path / "alerting.toml").write_text("\n".join(lines))
        running.enter_context(watching(site))
        port = site["QUAYMARK_REPORT_METRICS_PORT"]
        until("the bridge answers", lambda: page(f"http://127.0.0.1:{port}/metrics"))
        running.enter_context(alertmanager(site, tmp_path))

        said = ok(run(site, "alerts", "test", "TargetBehind"))

        assert "Alertmanager has the alert, for desk" in said
        assert "a message went out" in said
        for robot in robots.values():
            until("the robot has it", lambda robot=robot: robot.came or None)  # type: ignore[misc]
    ((_, ding),), ((_, fei),) = (
        [one for one in r.came if "已恢复" not in str(one)] for r in robots.values()
    )
    assert "测试 TargetBehind：手动发送" in ding["markdown"]["text"]
    assert "测试 TargetBehind：手动发送" in fei["card"]["elements"][0]["text"]["content"]


class SlowMailbox(Mailbox):
    """A mail server that lets a test wait until an address is named, and hold the answer back."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_answer = threading.Event(), threading.Event()

    async def handle_MAIL(
        self, _server: Any, _session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Hold the answer back until the test lets it go, or the client is gone."""
        self.asked.set()
        for _ in range(600):
            if self.may_answer.is_set():
                break
            await asyncio.sleep(0.05)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"


def test_a_sender_that_is_killed_on_the_way_sends_one_mail_and_one_message(
    site: dict[str, str], tmp_path: Path
) -> None:
    """It is killed while the mail server hesitates, then while the robot does.

    The e-mail goes again, since nobody took it; the robot took the message, and is not asked
    again: its state is unknown.
    """
    reports, mailbox, robot = tmp_path / "data/reports", SlowMailbox(), LoopbackRobot()
    issued = an_issue(reports)
    states, port = DeliveryStore(reports), free_port()
    (tmp_path / "password").write_text("right")
    with (
        mail_server(mailbox, port, tmp_path / "ca.pem"),
        robot.running(),
    ):
        (tmp_path / "robot.url").write_text(robot.url)
        (tmp_path / "alerting.toml").write_text(RECEIVER.format(port=port, folder=tmp_path))
        environ = site | {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}
        robot.silent.set()

        with watching(environ) as first:
            assert mailbox.asked.wait(60)
            first.send_signal(signal.SIGKILL)
            assert first.wait(60) == -signal.SIGKILL
        mail = states.held(issued, "office", "email-1")
        assert mail is not None
        assert mail.step is DeliveryStep.SENDING
        mailbox.may_answer.set()

        with watching(environ) as second:
            until("the robot is asked", lambda: robot.came or None)
            second.send_signal(signal.SIGKILL)
            assert second.wait(60) == -signal.SIGKILL
        robot.silent.clear()

        with watching(environ):
            until("all is settled", lambda: settled(states, issued) or None)

    (came,) = mailbox.came
    assert f"<{issued.replace('/', '.')}.office.email-1@port.example>" in came.content.decode()
    assert len(robot.came) == 1
    steps = {one.way: one.step for one in states.all()}
    assert steps == {"email-1": DeliveryStep.SENT, "robot-1": DeliveryStep.UNKNOWN}


RECEIVER = """
[[receiver]]
name = "office"
language = "zh"
reports = ["daily"]
robot = [{{ kind = "dingtalk", url_file = "{folder}/robot.url" }}]
[[receiver.email]]
to = "office@port.example"
from = "quaymark@port.example"
smarthost = "127.0.0.1:{port}"
username = "quaymark"
password_file = "{folder}/password"
"""


def an_issue(root: Path) -> str:
    """Issue a report ten minutes ago, when its robots are due, and return its number."""
    now = datetime.now(UTC)  # noqa: TID251  # a test is a door
    issue = ReportIssue(now.date(), "08:00", 1)
    report = replace(
        a_report(),
        issued_at=now - timedelta(minutes=10),
        files=digests(FILES),
        values=packed(replace(measured(*two_years(), PLAN), issue=issue)),
    )
    ReportStore(root).put(report, FILES)
    return report.number


def settled(states: DeliveryStore, number: str) -> bool:
    """Whether nothing of a report is being sent, or waits to be."""
    held = [states.held(number, "office", way) for way in ("email-1", "robot-1")]
    moving = (DeliveryStep.DUE, DeliveryStep.SENDING)
    return all(one is not None and one.step not in moving for one in held)
