"""Pytest plugin: what a test needs of the machine, checked before any test runs.

`@pytest.mark.needs("prometheus", "root")` skips a test where one of them is missing; the reason
says how to get it.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import pytest

from tests.integration.support import small_disk
from tests.integration.support.installation import manager_need

MARKER = "needs"


class Need(NamedTuple):
    """A program or permission that a machine may lack."""

    is_met: Callable[[], bool]
    how_to_get: str


def _program(*names: str) -> Callable[[], bool]:
    return lambda: all(shutil.which(name) for name in names)


def _answers(*command: str) -> Callable[[], bool]:
    """Return a check that a command is there and ends well."""
    return lambda: (
        shutil.which(command[0]) is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


NEEDS = {
    "prometheus": Need(
        _program("prometheus", "promtool"),
        "`make monitoring` installs them where apt has them, else prometheus.io has both programs",
    ),
    "root": Need(lambda: os.geteuid() == 0, "run the tests as root: they act as two users"),
    "disk": Need(small_disk.can_be_made, small_disk.HOW_TO_GET),
    "chromium": Need(_program("chromium"), "it is in Debian's package chromium"),
    "compose": Need(
        _answers("docker", "compose", "version"),
        "it is in Docker's package docker-compose-plugin, or Ubuntu's docker-compose-v2",
    ),
    "kubectl": Need(_program("kubectl"), "kubernetes.io/docs/tasks/tools says how to install it"),
    "unshare": Need(
        _answers("unshare", "--pid", "--fork", "true"),
        "run the tests as root, in a container with CAP_SYS_ADMIN: they make a pid namespace",
    ),
    "systemd-analyze": Need(_program("systemd-analyze"), "it is in Debian's package systemd"),
    "systemd": Need(manager_need.may_run_a_manager, manager_need.HOW_TO_GET),
}


@cache
def missing(name: str) -> str:
    """Return why tests with this need are skipped; empty if the need is met."""
    need = NEEDS[name]
    return "" if need.is_met() else f"needs {name}: {need.how_to_get}"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    known = ", ".join(NEEDS)
    config.addinivalue_line("markers", f"{MARKER}(*names): what the machine must have: {known}")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Print what is missing before any test runs."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(session.config, "workerinput"):
        for reason in filter(None, map(missing, NEEDS)):
            reporter.write_line(f"left out: what {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests that cannot run on this machine."""
    for item in items:
        names = [str(name) for mark in item.iter_markers(MARKER) for name in mark.args]
        if reason := "; ".join(filter(None, map(missing, names))):
            item.add_marker(pytest.mark.skip(reason=reason))
