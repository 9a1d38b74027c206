"""An inbox on a temporary folder whose importer books lines of text, and a kill at any step."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from contract.book import Partner
from producers.inbox.folder import InboxFolder
from producers.inbox.intake import Intake, IntakeTerms
from producers.inbox.receipt import Imported, Receipt, RecordCounts, read
from producers.inbox.scan import entries
from producers.inbox.seen_index import SeenIndex

NOW = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
DAY = "2026-11-26"
"""The day of `NOW` in Shanghai, where it is half past seven in the morning."""
ACME = Partner(name="acme", time_zone="Asia/Shanghai")
CHANGING_CALLS = ("rename", "replace", "fsync", "mkdir", "rmdir", "unlink")
"""The calls of `os` by which the intake changes the disk."""


class Killed(BaseException):
    """kill -9: nothing that comes after it is done."""


class KillSwitch:
    """Kills at one step; a step is what changes the disk or the books, before or after it."""

    def __init__(self, at: int | None = None) -> None:
        self._at, self.steps = at, 0

    def step(self) -> None:
        self.steps += 1
        if self._at is not None and self.steps >= self._at:
            raise Killed

    @contextmanager
    def armed(self) -> Iterator[None]:
        def guarded(call: Callable[..., Any]) -> Callable[..., Any]:
            def change(*arguments: Any, **options: Any) -> Any:
                self.step()
                done = call(*arguments, **options)
                self.step()
                return done

            return change

        calls = {name: getattr(os, name) for name in CHANGING_CALLS} | {"fsync": lambda _: None}
        patches = [patch.object(os, name, guarded(call)) for name, call in calls.items()]
        for one in patches:
            one.start()
        try:
            yield
        finally:
            for one in patches:
                one.stop()


class FakeBooks:
    """Books in which a line counts once, however often it arrives; `bad` lines are refused."""

    def __init__(self) -> None:
        self.lines: set[str] = set()
        self.imports = 0
        self.switch = KillSwitch()

    async def take(self, path: Path, name: str, partner: Partner | None) -> Imported:
        self.imports += 1
        self.switch.step()
        lines = _lines(path)
        good = [line for line in lines if not line.startswith("bad")]
        self.lines.update(good[: len(good) // 2])
        self.switch.step()
        self.lines.update(good)
        self.switch.step()
        bad = len(lines) - len(good)
        refusals = (f"line {lines.index('bad') + 1}: it is bad",) if bad else ()
        counts = RecordCounts(read=len(lines), counted=len(good), rejected=bad)
        return Imported(counts, usable=bool(lines), refusals=refusals)


class TmpInbox:
    """An inbox in a temporary folder."""

    def __init__(self, root: Path, *, max_bytes: int = 1000) -> None:
        self.folder, self.books, self.now = InboxFolder(root), FakeBooks(), NOW
        self.terms = IntakeTerms((ACME,), max_bytes, ZoneInfo("Asia/Shanghai"), lambda: self.now)

    def drop(self, name: str, text: str = "one\ntwo\n") -> Path:
        path = self.folder.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    @contextmanager
    def intake(self) -> Iterator[Intake]:
        """Own the folder, as a process does."""
        with self.folder.owned():
            index = SeenIndex.opened(self.folder)
            try:
                yield Intake(self.folder, self.terms, index, self.books.take)
            finally:
                index.close()

    def run(self, switch: KillSwitch | None = None) -> list[Receipt]:
        """Start an inbox, take in all that lies there, and end, or be killed."""
        self.books.switch = switch or KillSwitch()
        with self.intake() as intake:
            return asyncio.run(self._run(intake, self.books.switch))

    def receipts(self) -> dict[str, Receipt]:
        """Return path below the inbox -> its receipt, of all that lie under done and failed."""
        found = {}
        for top in (self.folder.done, self.folder.failed):
            for path in top.rglob("*.receipt.json"):
                receipt = read(path)
                assert receipt is not None
                assert path.name == f"{Path(receipt.moved_to).name}.receipt.json"
                found[str(path.relative_to(self.folder.root))] = receipt
        return found

    async def _run(self, intake: Intake, switch: KillSwitch) -> list[Receipt]:
        with switch.armed():
            receipts = await intake.recover()
            for entry in sorted(entries(self.folder.root), key=lambda one: one.path):
                claimed = intake.claim(entry)
                if claimed is not None and (receipt := await intake.take(claimed)) is not None:
                    receipts.append(receipt)
        return receipts


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
