"""What the suite says while it runs: room by room, with the time left by what it took last time.

A room is a folder of tests.  A line is written when a room is done, when a test is red, and every
so often in between, so that a test that hangs is named long before its time is out.  How long each
test took is kept for the next run: in pytest's cache, and for a first run in `durations.json`,
which `--keep-durations` writes.  Long tests begin first, else one of them ends the run alone.
"""

import json
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest

CACHED = "quaymark/durations"
SHIPPED = Path(__file__).with_name("durations.json")
TICK_SECONDS = 30.0
WORTH_KEEPING = 1.0  # seconds; what is shorter says nothing of the time that is left


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--keep-durations`: write what this run took to the file in the repository."""
    parser.addoption("--keep-durations", action="store_true", help="write durations.json anew")


def pytest_configure(config: pytest.Config) -> None:
    """Tell in the process that others report to, and nowhere else."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Telling(config), "quaymark-progress")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tests first where several run side by side; a group counts as its tests together."""
    if hasattr(config, "workerinput"):
        known = last_durations(config)
        groups: defaultdict[str, float] = defaultdict(float)
        for item in items:
            groups[_group(item)] += known.get(plain(item.nodeid), 0.0)
        items.sort(key=lambda item: -groups[_group(item)])  # stable: a group stays together


def _group(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return str(mark.kwargs.get("name") or mark.args[0]) if mark else item.nodeid


def last_durations(config: pytest.Config) -> dict[str, float]:
    """Test -> seconds, of the last run here, else of the one that the repository keeps."""
    shipped: dict[str, float] = json.loads(SHIPPED.read_text("utf-8")) if SHIPPED.exists() else {}
    own: dict[str, float] = config.cache.get(CACHED, {}) if config.cache else {}
    return shipped | own


def room(nodeid: str) -> str:
    """The folder of a test, below `tests`."""
    return nodeid.split("::")[0].removeprefix("tests/").rpartition("/")[0] or "."


def plain(nodeid: str) -> str:
    """A test's id without the group that pytest-xdist writes behind it."""
    return nodeid.partition("@")[0] if "[" not in nodeid else nodeid.rpartition("]")[0] + "]"


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


class Telling:
    """Follows a run and writes its lines."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._known = last_durations(config)
        self._processes = max(1, len(getattr(config.option, "tx", None) or ()))
        self._took: defaultdict[str, float] = defaultdict(float)
        """test -> seconds of set-up, call and tear-down so far."""
        self._begun: dict[str, float] = {}
        """Tests under way -> when each began, by the monotonic clock."""
        self._of_room: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._red: Counter[str] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._left: set[str] = set()
        self._of_known: defaultdict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
        """Room -> tests whose time is known, and their seconds."""
        self._started = time.monotonic()
        self._end = threading.Event()
        self._write = threading.Lock()

    # What pytest and pytest-xdist call.

    def pytest_sessionstart(self) -> None:
        """Begin to count the time."""
        self._started = time.monotonic()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """All tests are known; of a run side by side each process says so for itself."""
        if session.items:
            self._begin([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """One of several processes knows all tests; they know the same."""
        if not self._of_room:
            self._begin([plain(one) for one in ids])

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No dots and letters: each outcome is counted, and what is red has a line of its own."""
        if hasattr(report, "wasxfail"):
            return None
        in_call = report.when == "call"
        if report.passed:
            return ("passed" if in_call else "", "", "")
        category = report.outcome if in_call or report.skipped else "error"
        return (category, "", category.upper())

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test begins."""
        self._begun[plain(nodeid)] = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A part of a test is over."""
        nodeid = plain(report.nodeid)
        self._took[nodeid] += report.duration
        if report.failed:
            self._red[room(nodeid)] += 1
            self._line(f"RED  {nodeid}  ({report.when}, {self._took[nodeid]:.0f} s)")

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """A test is over."""
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
        """Keep what each took."""
        self._end.set()
        took = {name: round(seconds, 2) for name, seconds in self._took.items()}
        if self._config.cache:
            self._config.cache.set(CACHED, self._config.cache.get(CACHED, {}) | took)
        if self._config.option.keep_durations:
            told = last_durations(self._config) | took
            kept = {name: told[name] for name in sorted(took) if told[name] >= WORTH_KEEPING}
            SHIPPED.write_text(json.dumps(kept, indent=0) + "\n", "utf-8")

    # What is said.

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
            if under_way := sorted(self._begun.items(), key=lambda one: one[1]):
                nodeid, begun = under_way[0]
                since = time.monotonic() - begun
                name = nodeid.removeprefix("tests/")
                self._line(f"{self._so_far()}; since {since:.0f} s in {name}")

    def _so_far(self) -> str:
        done, of = sum(self._done.values()), sum(self._of_room.values())
        gone = clock(time.monotonic() - self._started)
        return f"{done} of {of}, {gone} gone{self._left_()}"

    def _left_(self) -> str:
        """About how long it will take, if the last run says so."""
        if not any(name in self._known for name in self._left):
            return ""
        now = time.monotonic()
        rest = {
            name: max(0.0, self._expected(name) - (now - self._begun.get(name, now)))
            for name in tuple(self._left)
        }
        expected = sum(self._expected(name) for name in self._took if name not in self._left)
        took = sum(seconds for name, seconds in self._took.items() if name not in self._left)
        pace = took / expected if expected > TICK_SECONDS else 1.0  # of this run beside the last
        longest = max(rest.values(), default=0.0)
        return f", about {clock(pace * max(longest, sum(rest.values()) / self._processes))} left"

    def _expected(self, name: str) -> float:
        """What a test took last time; one that is new is taken for an average one of its room."""
        if name in self._known:
            return self._known[name]
        known, seconds = self._of_known[room(name)]
        return seconds / known if known else 0.0

    def _line(self, said: str) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            with self._write:
                reporter.ensure_newline()
                reporter.write_line(said)
                reporter.flush()
