"""Grafana as a child of `up`: the installed one, or a launcher that fetches it beside the rest."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.settings import Settings
from stack.processes import grafana_launcher, grafana_server, monitoring
from stack.processes.child import Program
from stack.processes.tcp_ports import free_port
from tests.unit.stack.processes.grafana_shop import archive

FOLDER = Path("/q")


def _grafana(installed: str | None = "/usr/sbin/grafana-server", **environ: str) -> Program:
    return grafana_server.program(installed, Settings(), FOLDER, environ)


def test_grafana_listens_on_loopback_and_reads_what_is_rendered() -> None:
    for installed in ("/usr/sbin/grafana-server", None):
        environ = _grafana(installed, GF_SERVER_HTTP_ADDR="0.0.0.0").environ or {}

        assert environ["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
        assert environ["GF_PATHS_PROVISIONING"] == "/q/grafana/provisioning"
        assert environ["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == (
            "/q/grafana/dashboards/en/port.json"
        )
        assert environ["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"


def test_there_is_no_admin_without_a_password_of_ones_own() -> None:
    without = _grafana().environ or {}
    given = _grafana(GRAFANA_ADMIN_PASSWORD="long and secret").environ or {}

    assert without["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert "GF_SECURITY_ADMIN_PASSWORD" not in without
    assert given["GF_SECURITY_ADMIN_PASSWORD"] == "long and secret"
    assert "GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION" not in given


@pytest.mark.parametrize(
    ("program", "begins"),
    [
        ("/opt/bin/grafana", ("/opt/bin/grafana", "server", "--homepath")),
        ("/usr/sbin/grafana-server", ("/usr/sbin/grafana-server", "--homepath")),
    ],
)
def test_both_of_its_programs_are_started(program: str, begins: tuple[str, ...]) -> None:
    assert _grafana(program).command[: len(begins)] == begins


def test_where_none_is_installed_a_launcher_fetches_it_and_tells_of_it() -> None:
    launcher = _grafana(None)

    assert launcher.command == (sys.executable, "-m", "stack.processes.grafana_launcher")
    assert launcher.tells
    assert launcher.once  # where there is none it is not tried again and again


def _started(
    monkeypatch: pytest.MonkeyPatch, installed: Callable[[tuple[str, ...]], str | None]
) -> list[str]:
    monkeypatch.setattr(monitoring, "found", installed)
    environ = {"NO_GRAFANA": "1"} if "NO_GRAFANA" in os.environ else {}  # noqa: TID251
    found = monitoring.programs(Settings(), Path("/nowhere"), environ)
    return [one.name for one in found if isinstance(one, Program)]


def test_the_tests_of_other_rooms_never_fetch_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _started(monkeypatch, lambda _: None) == []


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(grafana_launcher, "tell", said.append)
    return said


def test_a_site_without_a_network_is_told_of_the_web_page(told: list[str], tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"

    grafana_launcher.launch(
        Settings(folder=str(tmp_path), grafana_mirror=nowhere, web_port=6081), {}
    )

    assert len(told) == 1
    assert told[0].startswith("no Grafana: http://127.0.0.1:")
    assert "The web page http://127.0.0.1:6081 shows the figures" in told[0]
    assert "GRAFANA_ARCHIVE=FILE" in told[0]


def test_a_port_that_is_taken_is_told(
    told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "grafana.tar.gz"
    file.write_bytes(archive())
    monkeypatch.setattr(grafana_launcher, "listens", lambda host, port: port == 3999)

    settings = Settings(folder=str(tmp_path), grafana_port=3999)
    grafana_launcher.launch(settings, {"GRAFANA_ARCHIVE": str(file)})

    assert told[-1] == "no Grafana: port 3999 is in use; QUAYMARK_GRAFANA_PORT names another"
