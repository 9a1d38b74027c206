"""An inbox on a disk that fills up, and among things that are no sound files: each file once."""

import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from producers.inbox.receipt import FileOutcome
from tests.integration.support.inbox.file_stream import HEADER, FileStream, receipts
from tests.integration.support.inbox.inbox_process import InboxProcess
from tests.integration.support.running_broker import RunningBroker, Topics
from tests.integration.support.small_disk import Disk, small_disk
from tests.integration.support.workers import until
from tests.unit.producers.inbox.fake_import import KillSwitch, TmpInbox

BOMB_BYTES, LINE = 512 << 20, b"0" * 199_999 + b"\n"  # zeros, which shrink to half a megabyte


class DiskSwitch(KillSwitch):
    """Fills the disk at one step of the intake, and frees it never."""

    def __init__(self, at: int, disk: Disk) -> None:
        super().__init__()
        self._full_at, self._disk = at, disk

    def step(self) -> None:
        super().step()
        if self.steps == self._full_at:
            self._disk.fill()


@pytest.mark.needs("disk")
def test_a_disk_that_fills_up_at_any_step_of_a_file_costs_nothing_and_counts_nothing_twice() -> (
    None
):
    with small_disk() as disk:
        whole = KillSwitch()
        inbox = TmpInbox(disk.folder / "whole")
        inbox.drop("acme/a.edi", "one\ntwo\n")
        inbox.run(whole)
        refused = 0
        for step in range(1, whole.steps + 1):
            inbox = TmpInbox(disk.folder / f"{step}")
            inbox.drop("acme/a.edi", "one\ntwo\n")
            refused += _is_refused(inbox, DiskSwitch(step, disk))
            disk.free()
            inbox.run()

            (receipt,) = inbox.receipts().values()
            assert (receipt.file, receipt.outcome) == ("acme/a.edi", FileOutcome.DONE), step
            moved = inbox.folder.root / receipt.moved_to
            assert moved.read_text(encoding="utf-8") == "one\ntwo\n"
            assert inbox.books.lines == {"one", "two"}
            assert list(inbox.folder.work.iterdir()) == []
        assert refused > 0  # else the disk was never full when it mattered


def _is_refused(inbox: TmpInbox, switch: KillSwitch) -> bool:
    """Let an inbox take files in; return whether the disk refused something."""
    try:
        inbox.run(switch)
    except OSError as error:
        if "No space left" not in str(error) and "make room" not in str(error):
            raise
        return True
    return False


@pytest.mark.kafka
@pytest.mark.needs("disk")
def test_an_inbox_on_a_full_disk_says_so_and_takes_everything_in_once_there_is_room(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    with small_disk() as disk:
        inbox = InboxProcess(broker.bootstrap, tmp_path, disk.folder / "inbox")
        texts = FileStream(inbox.inbox, 7, seed=1, pause_seconds=0)  # the first 7 are sound
        disk.fill()
        code, said = inbox.refusal()
        disk.free()
        assert (code, "No space left on device: make room" in said) == (1, True), said
        inbox.start()
        until("it runs", lambda: inbox.shows('inbox_blocked{why="kafka"} 0.0'))
        inbox.kill()
        for number in range(7):
            (inbox.inbox / f"{number}.csv.part").write_text(texts.text(number), "utf-8")
        disk.fill()
        inbox.start()
        try:
            until("it waits", lambda: inbox.shows('inbox_files_waiting{why="unfinished"} 7.0'))
            for path in inbox.inbox.glob("*.part"):
                path.rename(path.with_suffix(""))
            until("it is blocked", lambda: inbox.shows('inbox_blocked{why="disk_full"} 1.0'))
            assert len(list(inbox.inbox.glob("*.csv"))) == 7
            assert receipts(inbox.inbox) == []
            assert "less than 64 MiB are free" in inbox.log.read_text("utf-8")

            disk.free()

            until("all are taken in", lambda: len(receipts(inbox.inbox)) == 7)
            assert inbox.shows('inbox_blocked{why="disk_full"} 0.0')
            assert inbox.shows('inbox_files_total{outcome="done",partner="-"} 7.0')
        finally:
            inbox.kill()

        mount = ["mount", "-o", "remount,ro", str(disk.folder)]
        subprocess.run(mount, check=True)
        code, said = inbox.refusal()

        assert code == 2
        assert "Read-only file system, expected a folder that can be written" in said


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("day.csv", "w", force_zip64=True) as file,
    ):
        file.write(HEADER.encode())
        for _ in range(BOMB_BYTES // len(LINE)):
            file.write(LINE)


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _folder(path: Path) -> None:
    path.mkdir()


ODD: dict[str, tuple[Callable[[Path], None], str | None]] = {
    "fifo.csv": (_fifo, None),
    "link.csv": (_link, None),
    "folder.csv": (_folder, None),
    "bomb.zip": (_bomb, "east/bomb.zip: failed"),
}
"""Name -> how it is made, and how the line of its receipt begins; None if it is left alone."""


@pytest.mark.kafka
def test_among_bombs_fifos_links_and_folders_the_sound_files_count_once(
    broker: RunningBroker, topics: Topics, tmp_path: Path
) -> None:
    topics()
    inbox = InboxProcess(broker.bootstrap, tmp_path)
    east = inbox.inbox / "east"
    east.mkdir(parents=True)
    for name, (make, _) in ODD.items():
        make(east / name)
    texts = FileStream(inbox.inbox, 3, seed=1, pause_seconds=0)
    names = ["east/" + "海" * 83 + ".csv", "east/with spaces & signs.csv", "eest/no profile.csv"]
    for number, name in enumerate(names):
        path = inbox.inbox / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(texts.text(number), "utf-8")
    inbox.start()
    try:
        until("all are taken in", lambda: len(receipts(inbox.inbox)) == 4)
        code, said = inbox.refusal()
        peak = _peak_megabytes(inbox)
        until("what is left is shown", lambda: inbox.shows(_WAITING.format("not_a_file", 2)))
    finally:
        inbox.kill()

    assert (code, "another inbox (process" in said) == (1, True)
    found = {one.file: one for one in receipts(inbox.inbox)}
    assert sorted(one.outcome for one in found.values()) == ["done", "done", "failed", "failed"]
    counts = [found[name].records for name in names]
    # each file of a stream reports three moves; containers with a wrong check digit are flagged
    assert [one.counted + one.flagged for one in counts] == [3, 3, 0]
    bomb = msgspec.json.decode(found["east/bomb.zip"].summary)
    # half a megabyte and some more: the archive itself is kept, in pieces of 512 KiB
    assert bomb["rejected"]["too_large"] == 2
    assert "its folder eest is no [[partner]]" in found["eest/no profile.csv"].line
    for name, (_, line) in ODD.items():
        if line is None:
            assert os.path.lexists(east / name), name
        else:
            assert found[f"east/{name}"].line.startswith(line)
    assert peak < BOMB_BYTES >> 20, "a bomb is not unpacked into memory"


_WAITING = 'inbox_files_waiting{{why="{}"}} {}.0'


def _peak_megabytes(inbox: InboxProcess) -> float:
    assert inbox.process is not None
    status = Path(f"/proc/{inbox.process.pid}/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
