"""Grafana as a child: the one that is installed, or one that is fetched beside everything else."""

import sys
from collections.abc import Mapping
from pathlib import Path

from contract.settings import Settings
from stack.processes.child import Program

NAME = "grafana"
HOMES = ("/usr/share/grafana", "/opt/grafana", "/usr/local/share/grafana")
"""Where packages put what an installed Grafana needs."""
FIRST_BOARDS = ("dashboards/en/port.json", "dashboards/en/projects.json")
"""The dashboard that Grafana shows first: that of the port, or of a zone without one."""
TELLS = "up: "
"""What begins those lines of its log that `up` says."""


def program(
    installed: str | None, settings: Settings, folder: Path, environ: Mapping[str, str]
) -> Program:
    """Return the installed server, or what fetches one and then becomes it."""
    variables = variables_of(settings, folder, environ)
    if installed is None:
        launcher = (sys.executable, "-m", "stack.processes.grafana_launcher")
        # where none can be had it ends with 0, and is not started again
        return Program(NAME, launcher, environ={**environ, **variables}, once=True, tells=TELLS)
    home = next((home for home in HOMES if Path(home).is_dir()), HOMES[0])
    line = command(Path(installed), Path(home))
    return Program(NAME, line, environ={**environ, **variables})


def command(server: Path, home: Path) -> tuple[str, ...]:
    """Return the command line of a server, which has two names."""
    verb = ("server",) if server.name == "grafana" else ()
    return (str(server), *verb, "--homepath", str(home))


def variables_of(settings: Settings, folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a Grafana on loopback with our data source and boards.

    It is open to every local user.  There is an admin only if GRAFANA_ADMIN_PASSWORD sets the
    password, because Grafana's default password is public.
    """
    data, provisioning = folder / "data/grafana", folder / "grafana/provisioning"
    boards = [provisioning.parent / board for board in FIRST_BOARDS]
    first = next((board for board in boards if board.exists()), boards[0])
    variables = {
        "GF_PATHS_DATA": str(data),
        "GF_PATHS_LOGS": str(data / "log"),
        "GF_PATHS_PLUGINS": str(data / "plugins"),
        "GF_PATHS_PROVISIONING": str(provisioning),
        "GF_SERVER_HTTP_ADDR": "127.0.0.1",
        "GF_SERVER_HTTP_PORT": str(settings.grafana_port),
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
        "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": str(first),
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
    }
    if password := environ.get("GRAFANA_ADMIN_PASSWORD"):
        variables["GF_SECURITY_ADMIN_PASSWORD"] = password
    else:
        variables["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] = "true"
    return variables
