"""A kill at any step, and one while that is mended: each file counts once and has one receipt."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.inbox.receipt import FileOutcome
from tests.unit.producers.inbox.fake_import import DAY, Killed, KillSwitch, TmpInbox

FILES = {
    "acme/a-again.edi": "a1\na2\n",  # comes first, since "-" is before "."
    "acme/a.edi": "a1\na2\n",
    "deep": "d1\nbad\n",
    "unknown/u.edi": "u1\n",
}
OUTCOMES = {
    "acme/a-again.edi": FileOutcome.DONE,
    "acme/a.edi": FileOutcome.REPEATED,
    "deep": FileOutcome.PARTLY,
    "unknown/u.edi": FileOutcome.FAILED,
}
BOOKED = {"a1", "a2", "d1"}
"""The good lines of files that may be read."""
EQUAL, REFUSED = ("acme/a-again.edi", "acme/a.edi"), ("deep", "unknown/u.edi")
PARTS = 5  # of the steps, so that no test is long


def _filled(root: Path, names: tuple[str, ...] = tuple(FILES)) -> TmpInbox:
    inbox = TmpInbox(root)
    for name in names:
        inbox.drop(name, FILES[name])
    return inbox


def _is_exact(inbox: TmpInbox, names: tuple[str, ...] = tuple(FILES)) -> None:
    receipts = inbox.receipts()
    assert {receipt.file: receipt.outcome for receipt in receipts.values()} == {
        name: OUTCOMES[name] for name in names
    }
    assert len(receipts) == len(names)
    for path, receipt in receipts.items():
        moved = inbox.folder.root / receipt.moved_to
        assert moved.read_text(encoding="utf-8") == FILES[receipt.file]
        assert path == f"{receipt.moved_to}.receipt.json"
        assert path.startswith(f"failed/{DAY}/" if "unknown" in path else f"done/{DAY}/")
    booked = {line for name in names for line in FILES[name].splitlines()} & BOOKED
    assert inbox.books.lines == booked
    repeated = {receipt.repeats for receipt in receipts.values()}
    newest = [receipt for path, receipt in receipts.items() if path not in repeated]
    assert sum(receipt.records.counted for receipt in newest) == len(booked)
    left = [path for path in inbox.folder.root.rglob("[!.]*") if path.is_file()]
    assert len(left) == 2 * len(names)  # files and receipts
    assert list(inbox.folder.work.iterdir()) == []


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("names", [EQUAL, REFUSED])
def test_a_kill_at_each_single_step_loses_nothing_and_counts_nothing_twice(
    names: tuple[str, ...], part: int
) -> None:
    with TemporaryDirectory() as root:
        whole = KillSwitch()
        _filled(Path(root), names).run(whole)
    # of each file at least: claim, three of an import or none, receipt, its move and the other's
    assert whole.steps > 20

    for step in range(1 + part, whole.steps + 1, PARTS):
        with TemporaryDirectory() as root:
            inbox = _filled(Path(root), names)
            try:
                inbox.run(KillSwitch(at=step))
            except Killed:
                inbox.run()
            _is_exact(inbox, names)


@settings(max_examples=10)
@given(st.lists(st.integers(1, 90), min_size=2, max_size=6))
def test_several_kills_in_a_row_lose_nothing_and_count_nothing_twice(steps: list[int]) -> None:
    with TemporaryDirectory() as root:
        inbox = _filled(Path(root))
        for step in steps:
            try:
                inbox.run(KillSwitch(at=step))
            except Killed:
                continue
        inbox.run()

        _is_exact(inbox)
