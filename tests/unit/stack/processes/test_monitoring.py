from pathlib import Path

import pytest

from contract.settings import Settings
from stack.processes import monitoring
from stack.processes.child import Program

PROVISIONING = Path("/q/grafana/provisioning")


def _grafana(program: str = "/usr/sbin/grafana-server", **environ: str) -> Program:
    return monitoring.grafana(program, PROVISIONING, Path("/q/data"), Settings(), environ)


def test_grafana_listens_on_loopback_and_reads_what_is_rendered() -> None:
    environ = _grafana(GF_SERVER_HTTP_ADDR="0.0.0.0").environ or {}

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


def test_without_grafana_two_lines_say_how_to_get_it() -> None:
    assert len(monitoring.HOW_TO_GET["grafana"].splitlines()) == 2
