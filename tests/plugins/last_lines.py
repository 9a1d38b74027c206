"""A red test shows the last lines of what its processes logged.

It looks in the test's own folder, and in those that are named by `also_look_in`.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

LINES = 15  # of each log
WIDTH = 400  # of a line
BYTES = 20_000  # at the end of a log, in which these lines are looked for
LOGS = 12  # of a test; the newest
_FOLDERS: set[Path] = set()
_BEGUN = pytest.StashKey[float]()


def also_look_in(folder: Path) -> None:
    """Show the logs of processes that outlive a test, where they grew while it ran."""
    _FOLDERS.add(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note when a test begins."""
    item.stash[_BEGUN] = time.time()  # noqa: TID251  # beside the times of files
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Add the logs to the report of what failed."""
    report = yield
    if report.failed:  # type: ignore[attr-defined]  # pytest's own wrappers yield reports
        folders = set(_FOLDERS)
        if isinstance(own := getattr(item, "funcargs", {}).get("tmp_path"), Path):
            folders.add(own)
        for log in grown(folders, item.stash[_BEGUN]):
            report.sections.append((f"the end of {log}", end_of(log)))  # type: ignore[attr-defined]
    return report


def grown(folders: set[Path], since: float) -> list[Path]:
    """The logs in some folders that were written since a moment, the newest last."""
    found = {
        log: log.stat().st_mtime
        for folder in folders
        for log in folder.rglob("*.log")
        if not log.stem.isdigit()  # a database's, and not text
        and log.is_file()
        and log.stat().st_size
        and log.stat().st_mtime >= since
    }
    return sorted(found, key=found.__getitem__)[-LOGS:]


def end_of(log: Path) -> str:
    """The last lines of a log."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - BYTES))
        text = file.read().decode(errors="replace")
    return "\n".join(_shown(line) for line in text.splitlines()[-LINES:])


def _shown(line: str) -> str:
    """A line without what a terminal would obey, and not longer than anybody reads."""
    kept = "".join(sign if sign.isprintable() else " " for sign in line)
    return kept if len(kept) <= WIDTH else f"{kept[:WIDTH]} …"
