"""Pytest plugin: the report of a failed test shows the last lines of its processes' logs.

It searches the test's own folder, and the folders that `also_look_in` was given.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

LINES = 15  # shown of each log
WIDTH = 400  # longest line shown
BYTES = 20_000  # read from the end of a log to find these lines
LOGS = 12  # at most, per test: the newest ones
_FOLDERS: set[Path] = set()
_BEGUN = pytest.StashKey[float]()


def also_look_in(folder: Path) -> None:
    """Search this folder too, for logs of processes that run longer than one test."""
    _FOLDERS.add(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Record when the test begins."""
    item.stash[_BEGUN] = time.time()  # noqa: TID251  # compared with file times
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Add the ends of the logs to the report of a failed test."""
    report = yield
    if report.failed:  # type: ignore[attr-defined]  # pytest's own wrappers yield reports
        folders = set(_FOLDERS)
        if isinstance(own := getattr(item, "funcargs", {}).get("tmp_path"), Path):
            folders.add(own)
        for log in grown(folders, item.stash[_BEGUN]):
            report.sections.append((f"the end of {log}", end_of(log)))  # type: ignore[attr-defined]
    return report


def grown(folders: set[Path], since: float) -> list[Path]:
    """Return the logs in these folders that were written since an instant, the newest last."""
    found = {
        log: log.stat().st_mtime
        for folder in folders
        for log in folder.rglob("*.log")
        if not log.stem.isdigit()  # a numbered log belongs to a database and is binary
        and log.is_file()
        and log.stat().st_size
        and log.stat().st_mtime >= since
    }
    return sorted(found, key=found.__getitem__)[-LOGS:]


def end_of(log: Path) -> str:
    """Return the last lines of a log."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - BYTES))
        text = file.read().decode(errors="replace")
    return "\n".join(_shown(line) for line in text.splitlines()[-LINES:])


def _shown(line: str) -> str:
    """Return a line without control characters, cut to WIDTH."""
    kept = "".join(sign if sign.isprintable() else " " for sign in line)
    return kept if len(kept) <= WIDTH else f"{kept[:WIDTH]} …"
