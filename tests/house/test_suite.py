"""The test plugins: what they print of a test that hangs, fails, or lacks something."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.progress import clock, keep, plain, room

ROOT = Path(__file__).parents[2]
PLUGINS = (
    *("pytest_timeout", "xdist.plugin"),
    *("tests.plugins.needs", "tests.plugins.last_lines", "tests.plugins.progress"),
)
HANGS = """
import subprocess, sys, time

def test_it_waits_for_a_server_that_never_answers(tmp_path):
    line = "import time\\nfor n in range(40): print('looked', n, flush=True)\\ntime.sleep(60)"
    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-c", line], stdout=log)
    try:
        while True:
            time.sleep(0.05)  # where it hangs
    finally:
        server.kill()
        server.wait()
"""
RED = """
def test_it_adds_up(tmp_path):
    (tmp_path / "worker-1.log").write_text("began\\nlost its way\\n")
    assert 1 + 1 == 3

def test_it_is_green():
    pass
"""
LACKS = """
import pytest

@pytest.mark.needs("unobtainium")
def test_it_needs_what_is_not_there():
    raise AssertionError("it must not run")
"""


INTEGRATION = ROOT / "tests/integration"
FOLDERS = sorted({path.parent for path in INTEGRATION.rglob("*.py")})
MOST_MODULES = 18  # in a folder, so that a newcomer finds a module quickly


@pytest.mark.parametrize("folder", FOLDERS, ids=[path.name for path in FOLDERS])
def test_a_folder_of_integration_tests_is_small_and_has_supports_apart(folder: Path) -> None:
    modules = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
    tests = [name for name in modules if name.startswith("test_")]
    supports = [name for name in modules if name != "conftest.py" and name not in tests]

    assert len(modules) <= MOST_MODULES
    assert not (tests and supports)
    assert bool(supports) is ("support" in folder.relative_to(INTEGRATION).parts)


def planted(folder: Path, text: str, *options: str) -> str:
    """Run pytest on a file with this text, and return its output."""
    file = folder / "test_planted.py"
    file.write_text(text, "utf-8")
    plugins = [word for name in PLUGINS for word in ("-p", name)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-q", "--rootdir", folder, *options, file],
        cwd=ROOT,
        env={
            **os.environ,  # noqa: TID251  # a child needs PATH
            "PYTHONPATH": str(folder),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # others take a second to import
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_hang_ends_by_its_timeout_and_shows_where_it_was_and_what_its_processes_logged(
    tmp_path: Path,
) -> None:
    said = planted(tmp_path, HANGS, "--timeout=3")

    assert "Failed: Timeout (>3.0s) from pytest-timeout." in said
    assert "time.sleep(0.05)  # where it hangs" in said
    assert re.search(
        r"RED  test_planted\.py::test_it_waits_for_a_server\S+  \(call, 3 s\): "
        r"Failed: Timeout \(>3\.0s\)",
        said,
    )
    assert re.search(r"the end of \S+server\.log", said)
    assert "looked 39" in said
    assert "looked 24" not in said  # 15 lines of it: 25 to 39


def test_a_test_that_runs_long_is_named_while_it_runs(tmp_path: Path) -> None:
    (tmp_path / "quick_ticks.py").write_text(
        "from tests.plugins import progress\nprogress.TICK_SECONDS = 0.2\n"
    )

    said = planted(tmp_path, HANGS, "--timeout=2", "-p", "quick_ticks")

    before, _, after = said.partition("RED")
    assert re.search(r"; since \d s in test_planted\.py::test_it_waits_for_a_server", before)
    _, _, shown = after.partition("= FAILURES =")
    assert shown
    assert "; since" not in shown  # nor was it taken for what the test printed


def test_a_red_test_is_said_at_once_and_shows_the_last_lines_of_the_logs(tmp_path: Path) -> None:
    said = planted(tmp_path, RED)

    at_once, _, after = said.partition("= FAILURES =")
    assert "RED  test_planted.py::test_it_adds_up  (call, 0 s): assert (1 + 1) == 3" in at_once
    assert ".: 2 tests, 0 s, 1 RED" in at_once
    assert re.search(r"the end of \S+worker-1\.log", after)
    assert "lost its way" in after


def test_side_by_side_the_same_is_said(tmp_path: Path) -> None:
    said = planted(tmp_path, RED, "-n", "2")

    assert "2 tests in 1 rooms, 2 at a time" in said
    assert "RED  test_planted.py::test_it_adds_up  (call, 0 s): assert (1 + 1) == 3" in said
    assert "lost its way" in said


def test_without_a_cache_the_estimate_is_that_of_the_repository(tmp_path: Path) -> None:
    said = planted(tmp_path, RED, "-p", "no:cacheprovider")

    assert ".: 2 tests, 0 s, 1 RED" in said
    assert "INTERNALERROR" not in said
    assert not (tmp_path / ".pytest_cache").exists()


def test_what_the_machine_lacks_is_said_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "poor_machine.py").write_text(
        "from tests.plugins.needs import NEEDS, Need\n"
        'NEEDS["unobtainium"] = Need(lambda: False, "dig for it")\n'
    )

    said = planted(tmp_path, LACKS, "-p", "poor_machine", "-rs")

    before, _, after = said.partition("1 tests in 1 rooms")
    assert "left out: what needs unobtainium: dig for it" in before
    assert "1 skipped" in after
    assert "it must not run" not in said


def test_the_kept_durations_are_those_of_a_run_and_of_the_rooms_that_it_left_out(
    tmp_path: Path,
) -> None:
    file = tmp_path / "durations.json"
    keep(file, {"tests/unit/web/test_a.py::a": 2.0, "tests/integration/web/test_b.py::gone": 9.0})

    keep(
        file,
        {"tests/integration/web/test_b.py::b": 5.0, "tests/integration/web/test_b.py::c": 0.4},
    )

    assert json.loads(file.read_text("utf-8")) == {
        "tests/integration/web/test_b.py::b": 5.0,
        "tests/unit/web/test_a.py::a": 2.0,
    }


def test_a_room_is_a_folder_and_a_group_is_no_part_of_a_name() -> None:
    assert room("tests/unit/ledger/test_fold.py::test_it[a/b]") == "unit/ledger"
    assert room("tests/house/test_rooms.py::test_it") == "house"
    assert plain("tests/a.py::test_it@held") == "tests/a.py::test_it"
    assert plain("tests/a.py::test_it[a@b]@held") == "tests/a.py::test_it[a@b]"
    assert clock(3 * 60 + 7.9) == "3:07"
