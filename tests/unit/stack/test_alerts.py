"""An alert by hand through a stand-in for Alertmanager, and the receivers of alerts."""

import importlib
import json
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner

from contract.errors import Misconfigured, StackError
from contract.settings import Settings
from stack.__main__ import quaymark
from stack.alert_receivers import read_alert_receivers
from stack.processes.tcp_ports import free_port
from stack.status.alertmanager_api import Alertmanager

ROOT = Path(__file__).parents[3]


class Fake(BaseHTTPRequestHandler):
    """Takes alerts, and says of each that it was sent, failed, or is silenced.

    A message waits 1 s for its group.
    """

    posted: ClassVar[list[dict[str, Any]]] = []
    outcome: ClassVar[str] = "sent"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.extend(json.loads(body))
        self._answer("")

    def do_GET(self) -> None:
        sent = int(bool(self.posted) and self.outcome == "sent")
        failed = int(bool(self.posted) and self.outcome == "failed")
        if self.path == "/metrics":
            requests = "alertmanager_notification_requests"
            self._answer(
                f'{requests}_total{{integration="webhook"}} {sent + failed + 4}\n'
                f'{requests}_failed_total{{integration="webhook"}} {failed}\n'
            )
            return
        if self.path == "/api/v2/status":
            config = "route:\n  receiver: office\n  group_wait: 1s\n  group_interval: 5m\n"
            self._answer(json.dumps({"config": {"original": config}}))
            return
        silenced = ["abc"] if self.outcome == "silenced" else []
        status = {"inhibitedBy": silenced, "silencedBy": []}
        seen = [{"receivers": [{"name": "office"}], "status": status}] if self.posted else []
        self._answer(json.dumps(seen))

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *said: Any) -> None:
        """Say nothing."""


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(Fake, "posted", [])
    verb = importlib.import_module("stack.verbs.alerts")  # its package exports a command so named
    monkeypatch.setattr(verb, "SENDING_SECONDS", 0.2)
    monkeypatch.setattr(verb, "POLL_SECONDS", 0.1)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Fake)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def run(port: int, *words: str) -> Any:
    environ = {"QUAYMARK_ALERTMANAGER_PORT": str(port)}
    return CliRunner().invoke(quaymark, ["alerts", *words], env=environ)


def test_an_alert_by_hand_goes_out_as_its_target_and_is_resolved(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "outcome", "sent")

    done = run(port, "test", "TargetBehind", "--target", "annual-teu", "--severity", "critical")

    assert done.exit_code == 0, done.output
    assert "for office" in done.output
    assert "a message went out" in done.output
    fired, resolved = Fake.posted
    assert fired["labels"] == resolved["labels"]
    assert fired["labels"] == {
        "alertname": "TargetBehind",
        "severity": "critical",
        "owner": "tonghai",
        "target": "annual-teu",
        "period": "2026",
        "test": "by-hand",
    }
    assert fired["endsAt"] > resolved["endsAt"]
    # another alert's message may be the one counted: ours waits 1 s for its group
    lasted = datetime.fromisoformat(resolved["endsAt"]) - datetime.fromisoformat(fired["startsAt"])
    assert lasted > timedelta(seconds=1)
    assert fired["annotations"]["summary"].startswith("TEST")
    assert fired["annotations"]["runbook_url"] == "docs/runbook.md#targetbehind"


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ("failed", "could not be delivered"),
        ("silenced", "silenced, by abc"),
        ("lost", "no message went out within 1 s: has office an"),
    ],
)
def test_an_alert_that_did_not_go_out_is_reported_and_resolved_all_the_same(
    port: int, outcome: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "outcome", outcome)

    done = run(port, "test", "WorkerAbsent", "--wait", "1")

    assert isinstance(done.exception, StackError)
    assert message in str(done.exception)
    assert len(Fake.posted) == 2


def run_in(folder: Path, port: int, monkeypatch: pytest.MonkeyPatch, outcome: str) -> Any:
    monkeypatch.setattr(Fake, "outcome", outcome)
    monkeypatch.setattr(Alertmanager, "group_wait_seconds", lambda _: 0.0)
    return CliRunner().invoke(
        quaymark,
        ["alerts", "test", "WorkerAbsent", "--wait", "2"],
        env={"QUAYMARK_ALERTMANAGER_PORT": str(port), "QUAYMARK_FOLDER": str(folder)},
    )


def test_a_message_that_failed_names_what_alertmanager_logged_last(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log/alertmanager.log").write_text(
        'level=warn msg="Notify attempt failed" err="connection refused"\n'
        'level=warn msg="Notify attempt failed" err="\\"mail:25\\" has no STARTTLS"\n'
        'level=info msg="Listening on"\n',
        "utf-8",
    )

    done = run_in(tmp_path, port, monkeypatch, "failed")

    assert 'delivered: "mail:25" has no STARTTLS; alerting.toml says' in str(done.exception)


def test_receivers_that_alertmanager_has_not_read_are_named(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = (tmp_path, port, monkeypatch, "sent")
    assert "receivers of before" not in run_in(*sent).output
    Fake.posted.clear()
    (tmp_path / "alertmanager").mkdir()
    (tmp_path / "alertmanager/alertmanager.yml").write_text("route: {}\n", "utf-8")

    assert "alerting.toml was changed since" in run_in(*sent).output


def test_a_name_or_target_that_is_none_is_the_users_mistake(port: int) -> None:
    assert run(port, "test", "Nothing").exit_code == 2
    wrong = run(port, "test", "TargetBehind", "--target", "anual-teu")

    assert isinstance(wrong.exception, Misconfigured)
    assert "expected a target of targets.toml: annual-teu" in str(wrong.exception)
    assert Fake.posted == []


def test_without_an_alertmanager_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = run(free_port(), "test", "NoEvents")

    assert isinstance(done.exception, StackError)
    assert "`quaymark up` starts one" in str(done.exception)


def settings_with(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "alerting.toml"
    file.write_text(text, encoding="utf-8")
    return Settings(alerting=str(file))


def test_secrets_are_read_from_the_files_that_are_named(tmp_path: Path) -> None:
    secret = tmp_path / "hook"
    settings = settings_with(
        tmp_path, f"[[receiver]]\nname = 'a'\nwebhook = [{{ url_file = '{secret}' }}]\n"
    )
    with pytest.raises(Misconfigured, match="hook: No such file"):
        read_alert_receivers(settings)
    secret.write_text("\n")
    with pytest.raises(Misconfigured, match="hook is empty"):
        read_alert_receivers(settings)

    secret.write_text("http://127.0.0.1:1/k3y\n")
    assert read_alert_receivers(settings).secrets == {str(secret): "http://127.0.0.1:1/k3y"}


def test_the_file_need_not_be_there_unless_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert read_alert_receivers(Settings()).alerting.receiver == ()
    with pytest.raises(Misconfigured, match="QUAYMARK_ALERTING"):
        read_alert_receivers(Settings(alerting="elsewhere.toml"))


def test_files_for_elsewhere_are_nobody_elses_to_read(tmp_path: Path, port: int) -> None:
    secret = tmp_path / "hook"
    secret.write_text("http://127.0.0.1:1/k3y")
    settings = settings_with(
        tmp_path, f"[[receiver]]\nname = 'office'\nwebhook = [{{ url_file = '{secret}' }}]\n"
    )
    environ = {"QUAYMARK_ALERTING": settings.alerting}

    done = CliRunner().invoke(quaymark, ["alerts", "config", str(tmp_path / "am")], env=environ)

    assert done.exit_code == 0, done.output
    config = tmp_path / "am" / "alertmanager.yml"
    assert "http://127.0.0.1:1/k3y" in config.read_text(encoding="utf-8")
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert (tmp_path / "am" / "templates" / "quaymark.tmpl").exists()
