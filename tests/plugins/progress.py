"""Pytest plugin: the progress of a run, room by room, with an estimate of the time left.

A room is a folder of tests.  The plugin prints a line when a room is done, when a test fails, and
every 30 seconds, so that a hanging test is named long before its timeout.  The estimate comes from
the durations of the last run, which pytest's cache keeps; for a first run `durations.json` has
them, which `--keep-durations` writes.  Long tests with servers begin first, so that none is left
to run alone at the end.
"""

import json
import os
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest

CACHED = "quaymark/durations"
SHIPPED = Path(__file__).with_name("durations.json")
TICK_SECONDS = 30.0
NEW_SECONDS = 60.0  # of a test without a duration: it may be long, so it does not begin at the end
WORTH_KEEPING = 1.0  # seconds; shorter tests do not change the estimate


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--keep-durations`, which writes this run's durations to the file in the repository."""
    parser.addoption("--keep-durations", action="store_true", help="write durations.json anew")


def pytest_configure(config: pytest.Config) -> None:
    """Report progress in the controlling process only, not in those of pytest-xdist."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ProgressReport(config), "quaymark-progress")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort long tests first in runs by group; a group counts with the sum of its tests.

    Unit tests are short and stay as they are (`--dist worksteal`), so that the tests of a module
    mostly run in one process, which makes what they share once.
    """
    if hasattr(config, "workerinput") and config.getoption("loadgroup"):
        known = last_durations(config)
        groups: defaultdict[str, float] = defaultdict(float)
        for item in items:
            groups[_group(item)] += known.get(plain(item.nodeid), NEW_SECONDS)
        items.sort(key=lambda item: -groups[_group(item)])  # stable: a group stays together


def _group(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return str(mark.kwargs.get("name") or mark.args[0]) if mark else item.nodeid


def last_durations(config: pytest.Config) -> dict[str, float]:
    """Test -> seconds in the last run here, else in the run that the repository keeps."""
    shipped: dict[str, float] = json.loads(SHIPPED.read_text("utf-8")) if SHIPPED.exists() else {}
    cache = cache_of(config)
    own: dict[str, float] = cache.get(CACHED, {}) if cache else {}
    return shipped | own


def cache_of(config: pytest.Config) -> pytest.Cache | None:
    """Return pytest's cache; None under `-p no:cacheprovider`."""
    return getattr(config, "cache", None)


def keep(file: Path, took: dict[str, float]) -> None:
    """Write the durations of a run; those of rooms that it left out stay."""
    rooms = {room(name) for name in took}
    before: dict[str, float] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    others = {name: seconds for name, seconds in before.items() if room(name) not in rooms}
    kept = {name: s for name, s in sorted((others | took).items()) if s >= WORTH_KEEPING}
    file.write_text(json.dumps(kept, indent=0) + "\n", "utf-8")


def room(nodeid: str) -> str:
    """Return the folder of a test, relative to `tests`."""
    return nodeid.split("::")[0].removeprefix("tests/").rpartition("/")[0] or "."


def plain(nodeid: str) -> str:
    """Return a test's id without the group that pytest-xdist appends."""
    return nodeid.partition("@")[0] if "[" not in nodeid else nodeid.rpartition("]")[0] + "]"


def why(report: pytest.TestReport) -> str:
    """Return the first line of what ended a red test."""
    crash = getattr(report.longrepr, "reprcrash", None)
    said = str(crash.message if crash else report.longrepr).strip()
    return said.partition("\n")[0]


def clock(seconds: float) -> str:
    """Format seconds as minutes:seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


class ProgressReport:
    """Follows a run and prints its progress."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._known = last_durations(config)
        self._processes = max(1, len(getattr(config.option, "tx", None) or ()))
        self._took: defaultdict[str, float] = defaultdict(float)
        """Test -> seconds of set-up, call and tear-down so far."""
        self._begun: dict[str, float] = {}
        """Running test -> monotonic time of its start."""
        self._of_room: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._red: Counter[str] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._left: set[str] = set()
        self._of_known: defaultdict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
        """Room -> number of tests whose duration is known, and the sum of their seconds."""
        self._started = time.monotonic()
        self._end = threading.Event()
        self._write = threading.Lock()
        self._terminal = os.dup(sys.__stdout__.fileno()) if sys.__stdout__ else None
        """The terminal itself: pytest captures what is written while a test runs."""

    # Hooks that pytest and pytest-xdist call.

    def pytest_sessionstart(self) -> None:
        """Start the clock."""
        self._started = time.monotonic()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Start the report; in a parallel run the controlling process has no tests here."""
        if session.items:
            self._begin([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Start the progress report of a parallel run; every process collects the same tests."""
        if not self._of_room:
            self._begin([plain(one) for one in ids])

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Print no dots and letters: a failed test has a line of its own, others are counted."""
        if hasattr(report, "wasxfail"):
            return None
        in_call = report.when == "call"
        if report.passed:
            return ("passed" if in_call else "", "", "")
        category = report.outcome if in_call or report.skipped else "error"
        return (category, "", category.upper())

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Record when a test begins."""
        self._begun[plain(nodeid)] = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add the duration of set-up, call or tear-down, and print a failure at once."""
        nodeid = plain(report.nodeid)
        self._took[nodeid] += report.duration
        if report.failed:
            self._red[room(nodeid)] += 1
            when = f"{report.when}, {self._took[nodeid]:.0f} s"
            self._line(f"RED  {nodeid}  ({when}): {why(report)}")

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Count a finished test, and print a line when its room is done."""
        nodeid = plain(nodeid)
        self._begun.pop(nodeid, None)
        self._left.discard(nodeid)
        own = room(nodeid)
        self._done[own] += 1
        self._seconds[own] += self._took[nodeid]
        if self._done[own] == self._of_room[own]:
            red = f", {self._red[own]} RED" if self._red[own] else ""
            said = f"{own}: {self._done[own]} tests, {self._seconds[own]:.0f} s{red}"
            self._line(f"{said:60}{self._so_far()}")

    def pytest_sessionfinish(self) -> None:
        """Store the duration of each test."""
        self._end.set()
        took = {name: round(seconds, 2) for name, seconds in self._took.items()}
        if cache := cache_of(self._config):
            cache.set(CACHED, cache.get(CACHED, {}) | took)
        if self._config.option.keep_durations:
            keep(SHIPPED, took)

    # The lines that are printed.

    def _begin(self, ids: list[str]) -> None:
        self._of_room.update(map(room, ids))
        self._left.update(ids)
        for name in set(ids) & self._known.keys():
            known, seconds = self._of_known[room(name)]
            self._of_known[room(name)] = known + 1, seconds + self._known[name]
        rooms = len(self._of_room)
        self._line(
            f"{len(ids)} tests in {rooms} rooms, {self._processes} at a time{self._left_()}"
        )
        threading.Thread(target=self._tick, daemon=True).start()

    def _tick(self) -> None:
        while not self._end.wait(TICK_SECONDS):
            if under_way := sorted(self._begun.copy().items(), key=lambda one: one[1]):
                nodeid, begun = under_way[0]
                since = time.monotonic() - begun
                name = nodeid.removeprefix("tests/")
                self._aside(f"{self._so_far()}; since {since:.0f} s in {name}")

    def _so_far(self) -> str:
        done, of = sum(tuple(self._done.values())), sum(tuple(self._of_room.values()))
        gone = clock(time.monotonic() - self._started)
        return f"{done} of {of}, {gone} gone{self._left_()}"

    def _left_(self) -> str:
        """Return the estimated time left, or nothing if no duration is known."""
        left = frozenset(self._left)  # copies: the main thread goes on while this one computes
        finished = {
            name: seconds for name, seconds in tuple(self._took.items()) if name not in left
        }
        if not any(name in self._known for name in left):
            return ""
        now = time.monotonic()
        rest = {
            name: max(0.0, self._expected(name) - (now - self._begun.get(name, now)))
            for name in left
        }
        expected = sum(self._expected(name) for name in finished)
        took = sum(finished.values())
        pace = (
            took / expected if expected > TICK_SECONDS else 1.0
        )  # speed of this run relative to the last
        longest = max(rest.values(), default=0.0)
        return f", about {clock(pace * max(longest, sum(rest.values()) / self._processes))} left"

    def _expected(self, name: str) -> float:
        """Return a test's last duration; for a new test, the average of its room."""
        if name in self._known:
            return self._known[name]
        known, seconds = self._of_known[room(name)]
        return seconds / known if known else 0.0

    def _aside(self, said: str) -> None:
        """Print a line while a test runs."""
        if self._terminal is not None:
            with self._write:
                os.write(self._terminal, f"{said}\n".encode())

    def _line(self, said: str) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            with self._write:
                reporter.ensure_newline()
                reporter.write_line(said)
                reporter.flush()
