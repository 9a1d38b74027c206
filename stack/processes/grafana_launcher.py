"""The launcher of Grafana, a child of `up`: it gets Grafana if need be, and then becomes it.

`python -m stack.processes.grafana_launcher`, with the environment that the server will have.  Exit
code 0 means that there is none, which has been said; `up` and the web page go on without it.
"""

import os
import sys
from collections.abc import Mapping

from contract.errors import StackError
from contract.settings import Settings
from stack.processes import grafana_server
from stack.processes.grafana_archive import GRAFANA_ARCHIVE, NO_GRAFANA, grafana_here
from stack.processes.tcp_ports import listens


def tell(said: str) -> None:
    """Write a line to the log that `up` says."""
    print(f"{grafana_server.TELLS}{' '.join(said.split())}", flush=True)


def launch(settings: Settings, environ: Mapping[str, str]) -> None:
    """Become Grafana; return if there is none, after saying why."""
    page = f"{settings.http_access.scheme}://{settings.web_host}:{settings.web_port}"
    try:
        found = grafana_here(settings, environ, tell)
    except StackError as error:
        tell(
            f"no Grafana: {error}.  The web page {page} shows the figures; {GRAFANA_ARCHIVE}=FILE "
            f"names an archive, QUAYMARK_GRAFANA_MIRROR another server, {NO_GRAFANA}=1 leaves it"
        )
        return
    port = settings.grafana_port
    if listens("127.0.0.1", port):
        tell(f"no Grafana: port {port} is in use; QUAYMARK_GRAFANA_PORT names another")
        return
    program = found.program
    assert program is not None
    line = grafana_server.command(program, found.home)
    tell(f"Grafana is started: http://127.0.0.1:{port}")
    try:
        os.execve(program, line, dict(environ))
    except OSError as error:
        tell(f"no Grafana: {program} can't be run ({error.strerror}).  The web page is at {page}")


if __name__ == "__main__":
    variables = dict(os.environ)  # noqa: TID251  # the entry point of a process reads it
    try:
        launch(Settings.from_env(variables), variables)
    except KeyboardInterrupt:
        sys.exit(130)
