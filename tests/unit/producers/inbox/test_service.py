import asyncio
import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from contract.book import Partner
from contract.errors import Misconfigured, StackError
from producers.inbox.metrics import InboxMetrics
from producers.inbox.receipt import Imported
from producers.inbox.scan import Waits
from producers.inbox.service import HELD_SECONDS, InboxService, Obstacle, Order, blocked_by
from tests.unit.producers.inbox.fake_import import ACME, NOW, TmpInbox


class RunningInbox:
    """An inbox on a temporary folder, with its metrics and a clock that is set by hand."""

    def __init__(self, root: Path, order: Order = "time") -> None:
        self.inbox = TmpInbox(root)
        self.metrics = InboxMetrics((ACME,), {"acme": 7.0})
        self.second = 0.0
        self.service = InboxService(
            self.inbox.folder,
            self.metrics,
            order=order,
            settle_seconds=10,
            monotonic=lambda: self.second,
        )

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)

    async def take_until(self, is_enough: Callable[[], bool]) -> None:
        """Look once, and take in until it is enough."""
        with self.inbox.intake() as intake:
            await self.service.look()
            self.second += 10
            await self.service.look()
            task = asyncio.create_task(self.service.take_for_ever(intake))
            async with asyncio.timeout(60):
                while not is_enough() and not task.done():
                    await asyncio.wait([task], timeout=0)
            if not task.done():
                task.cancel()
            await asyncio.wait([task])
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    def files(self) -> int:
        return self.service.taken


@pytest.mark.parametrize(
    ("order", "expected"),
    [("time", ["b.edi", "a.edi", "c.edi"]), ("name", ["a.edi", "b.edi", "c.edi"])],
)
def test_files_are_taken_in_by_time_or_by_name(
    tmp_path: Path, order: Order, expected: list[str]
) -> None:
    running = RunningInbox(tmp_path, order)
    imported: list[str] = []
    take = running.inbox.books.take

    async def remember(path: Path, name: str, partner: Partner | None) -> Imported:
        imported.append(name)
        return await take(path, name, partner)

    running.inbox.books.take = remember  # type: ignore[method-assign]
    for name, modified in (("a.edi", 200), ("b.edi", 100), ("c.edi", 300)):
        _set_time(running.inbox.drop(name, name), modified)

    asyncio.run(running.take_until(lambda: running.files() == 3))

    assert imported == expected


def test_the_metrics_tell_what_waits_and_what_became_of_each_file(tmp_path: Path) -> None:
    running = RunningInbox(tmp_path)
    running.inbox.drop("acme/a.edi", "one\nbad\n")
    running.inbox.drop("acme/b.edi", "two\n")
    running.inbox.drop("acme/c.edi", "two\n")
    running.inbox.drop("strange/d.edi", "three\n")
    running.inbox.drop("acme/e.edi.part", "four\n")
    assert running.value("inbox_last_file_timestamp_seconds", partner="acme") == 7.0
    assert running.value("inbox_files_total", partner="acme", outcome="failed") == 0.0

    asyncio.run(running.take_until(lambda: running.files() == 4))
    asyncio.run(running.service.look())

    def files(partner: str, outcome: str) -> float | None:
        return running.value("inbox_files_total", partner=partner, outcome=outcome)

    def records(outcome: str) -> float | None:
        return running.value("inbox_records_total", partner="acme", outcome=outcome)

    assert [files("acme", outcome) for outcome in ("done", "partly", "repeated")] == [1, 1, 1]
    assert files("?", "failed") == 1
    assert [records(outcome) for outcome in ("counted", "rejected", "repeated")] == [2, 1, 1]
    assert running.value("inbox_files_waiting", why="unfinished") == 1
    assert running.value("inbox_files_waiting", why="ready") == 0
    assert running.value("inbox_oldest_seconds", why="unfinished") == 10.0
    assert running.value("inbox_last_file_timestamp_seconds", partner="acme") == NOW.timestamp()
    assert running.value("inbox_blocked", why="kafka") == 0


def test_a_file_that_may_not_be_moved_waits_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = RunningInbox(tmp_path)
    running.inbox.drop("acme/a.edi", "one\n")
    running.inbox.drop("b.edi", "two\n")
    with running.inbox.intake() as intake:
        claim = type(intake).claim

    def refuse(self: object, entry: object) -> Path | None:
        if entry.path == "acme/a.edi":  # type: ignore[attr-defined]
            raise PermissionError(errno.EACCES, "Permission denied")
        return claim(self, entry)  # type: ignore[arg-type]

    monkeypatch.setattr(type(intake), "claim", refuse)

    asyncio.run(running.take_until(lambda: running.files() == 1))
    asyncio.run(running.service.look())

    assert running.value("inbox_files_waiting", why=Waits.UNREADABLE) == 1
    assert running.inbox.books.lines == {"two"}


NOBODY = 65534


@contextmanager
def another_user() -> Iterator[None]:
    """Act as a user without rights; `os.access` asks for the real one, so that is set, too."""
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.needs("root")
def test_files_of_others_wait_as_unreadable_until_their_owners_let_them_be_read() -> None:
    with TemporaryDirectory() as name:  # pytest's own folders are for one user
        Path(name).chmod(0o777)
        running = RunningInbox(Path(name, "inbox"))
        with another_user(), running.inbox.intake():
            pass  # it makes its folders
        root = running.inbox.folder.root
        running.inbox.drop("ours.edi", "ours\n")
        running.inbox.drop("secret.edi", "secret\n").chmod(0o600)
        held = running.inbox.drop("acme/held.edi", "held\n").parent
        closed = running.inbox.drop("acme/closed/a.edi", "closed\n").parent
        held.chmod(0o755)  # readable, but a file in it can't be moved
        closed.chmod(0o700)

        async def work() -> None:
            with another_user():
                await running.take_until(lambda: running.inbox.books.imports == 1)
                await running.service.look()
            assert running.inbox.books.lines == {"ours"}
            assert running.value("inbox_files_waiting", why=Waits.UNREADABLE) == 3

            (root / "secret.edi").chmod(0o644)
            held.chmod(0o777)
            closed.chmod(0o777)
            running.second += HELD_SECONDS
            with another_user():
                await running.take_until(lambda: running.files() == 4)

        asyncio.run(work())

        assert running.inbox.books.lines == {"ours", "secret", "held", "closed"}
        assert len(running.inbox.receipts()) == 4


def test_a_folder_that_became_read_only_ends_the_taking_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = RunningInbox(tmp_path)
    running.inbox.drop("a.edi", "one\n")

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr("producers.inbox.intake.os.rename", refuse)
        with pytest.raises(OSError, match="Read-only") as caught:
            asyncio.run(running.take_until(lambda: False))

    assert blocked_by(caught.value).why is Obstacle.FOLDER
    assert [receipt.file for receipt in running.inbox.run()] == ["a.edi"]


def test_a_full_disk_leaves_the_file_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = RunningInbox(tmp_path)
    path = running.inbox.drop("a.edi", "one\n")
    monkeypatch.setattr("producers.inbox.service.FREE_BYTES", 1 << 62)

    with pytest.raises(OSError, match="are free") as caught:
        asyncio.run(running.take_until(lambda: False))

    assert blocked_by(caught.value).why is Obstacle.DISK_FULL
    assert path.exists()


@pytest.mark.parametrize(
    "error", [StackError("no Kafka"), Misconfigured("Kafka refuses the login")]
)
def test_a_file_whose_import_failed_for_want_of_kafka_is_taken_in_later(
    tmp_path: Path, error: StackError | Misconfigured
) -> None:
    running = RunningInbox(tmp_path)
    running.inbox.drop("acme/a.edi", "one\n")
    take = running.inbox.books.take

    async def fail(path: Path, name: str, partner: Partner | None) -> Imported:
        raise error

    running.inbox.books.take = fail  # type: ignore[method-assign]
    with pytest.raises(type(error)) as caught:
        asyncio.run(running.take_until(lambda: False))
    running.inbox.books.take = take  # type: ignore[method-assign]

    assert blocked_by(caught.value).why is Obstacle.KAFKA
    assert [receipt.file for receipt in running.inbox.run()] == ["acme/a.edi"]


def _set_time(path: Path, seconds: int) -> None:
    os.utime(path, (seconds, seconds))
