"""The folder of issued reports: one rename issues, nothing half made is left, nothing changes."""

import errno
import os
import signal
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from contract.errors import StackError
from contract.wire import encode
from stack.reporting import report_store
from stack.reporting.report_store import RECORD, ReportStore
from tests.unit.stack.reporting.issued_reports import FILES, a_report

STEPS = ("open", "fsync", "rename", "mkdir")
"""The calls of the operating system by which a report comes to lie in the folder."""


def put(root: Path) -> None:
    store = ReportStore(root)
    with store.owned():
        store.put(a_report(), FILES)


def test_an_issued_report_lies_below_owner_kind_period_and_edition(tmp_path: Path) -> None:
    put(tmp_path)

    place = tmp_path / "tonghai/daily/2026-11-25/1"
    assert sorted(path.name for path in place.iterdir()) == [
        "figures.csv",
        "figures.json",
        "issue.json",
        "page.pdf",
    ]
    assert (place / RECORD).read_bytes() == encode(a_report())
    assert ReportStore(tmp_path).issued() == [replace(a_report(), values=b"")]
    assert ReportStore(tmp_path).faults(a_report()) == []


def test_an_issued_report_is_never_written_again(tmp_path: Path) -> None:
    put(tmp_path)
    place = tmp_path / "tonghai/daily/2026-11-25/1"
    before = {path: path.read_bytes() for path in place.iterdir()}

    with pytest.raises(StackError, match="issued already: an issued report never changes"):
        ReportStore(tmp_path).put(a_report(), {"page.pdf": b"other"})

    assert {path: path.read_bytes() for path in place.iterdir()} == before


def killed_at(step: int, root: Path) -> bool:
    """Issue in a process that kills itself at a step; return whether it got that far."""
    if pid := os.fork():
        return os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    made = 0

    def counting(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            nonlocal made
            made += 1
            if made == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*given, **named)

        return counted

    try:
        for name in STEPS:
            setattr(os, name, counting(getattr(os, name)))
        Path.open = counting(Path.open)  # type: ignore[method-assign]  # in the child alone
        put(root)
    finally:
        os._exit(0)


def test_a_kill_at_each_step_leaves_a_report_whole_or_not_at_all(tmp_path: Path) -> None:
    steps, whole = 0, []
    while True:
        root = tmp_path / str(steps)
        if not killed_at(steps + 1, root):
            break
        steps += 1
        issued = ReportStore(root).issued()
        whole.append(bool(issued))
        if issued:
            assert ReportStore(root).faults(a_report()) == []
        else:
            put(root)  # the next start goes on
            assert ReportStore(root).faults(a_report()) == []
        left = root / report_store.MAKING
        with ReportStore(root).owned():
            assert not left.exists()

    assert steps > 12  # four files of two steps each, folders, the rename
    assert whole == sorted(whole)  # not issued before the rename, issued ever after
    assert True in whole


def test_a_full_disk_is_told_and_issues_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(StackError, match="No space left on device; nothing was issued"):
        put(tmp_path)

    assert ReportStore(tmp_path).issued() == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file where the folder should be")

    with pytest.raises(StackError, match=r"reports: File exists; nothing was issued"):
        put(tmp_path / "reports")


def test_one_process_at_a_time_issues(tmp_path: Path) -> None:
    with (
        ReportStore(tmp_path).owned(),
        pytest.raises(StackError, match="another process issues reports there now"),
        ReportStore(tmp_path).owned(),
    ):
        pass


def test_changed_and_lost_files_are_faults_and_can_be_set_aside(tmp_path: Path) -> None:
    put(tmp_path)
    store, place = ReportStore(tmp_path), tmp_path / "tonghai/daily/2026-11-25/1"
    (place / "page.pdf").write_bytes(b"%PDf")
    (place / "figures.csv").unlink()

    gone, changed = store.faults(a_report())
    assert "figures.csv: No such file" in gone
    assert "page.pdf: other bytes than those issued" in changed

    aside = store.set_aside(a_report(), "now")
    assert (aside / "page.pdf").read_bytes() == b"%PDf"
    assert store.issued() == []


def test_an_issue_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "tonghai/daily/2026-11-25/1/issue.json").write_bytes(b"{")

    with pytest.raises(StackError, match=r"issue\.json: .*; move its folder away"):
        ReportStore(tmp_path).issued()


def test_reports_are_listed_by_owner_kind_period_and_edition(tmp_path: Path) -> None:
    store = ReportStore(tmp_path)
    for on, edition in ((26, 1), (25, 2), (25, 1)):
        store.put(a_report(date(2026, 11, on), edition), FILES)

    assert [one.number[-12:] for one in store.issued()] == [
        "2026-11-25/1",
        "2026-11-25/2",
        "2026-11-26/1",
    ]
    assert msgspec.json.decode(store.record(a_report()))["type"] == "issued-report"
