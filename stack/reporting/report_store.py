"""The folder of issued reports: each is put there by one rename, and never written again.

<root>/<owner>/<kind>/<period>/<edition>/   the files, issue.json with their digests, and
                                            figures.json, the record in `port.reports`
<root>/.making/                             files of a report that is not issued yet
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from contract.errors import StackError
from contract.reporting.issued_report import IssuedReport
from contract.wire import encode

ISSUE, RECORD = "issue.json", "figures.json"
MAKING, LOCK, SET_ASIDE = ".making", ".lock", ".set-aside"

decode_issue = msgspec.json.Decoder(IssuedReport).decode


class ReportStore:
    """The issued reports below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: dict[Path, IssuedReport] = {}

    @contextlib.contextmanager
    def owned(self) -> Iterator[None]:
        """Own the folder while the block runs, so that one process at a time issues reports.

        What a process that was killed left half made is removed.

        Raises:
            StackError: another process owns the folder, or it can't be written.
        """
        with self._errors():
            self.root.mkdir(parents=True, exist_ok=True)
            file = (self.root / LOCK).open("a+", encoding="utf-8")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(
                    f"{self.root}: another process issues reports there now: try again once it "
                    "is done (`quaymark up` looks every minute)"
                ) from None
            with self._errors():
                shutil.rmtree(self.root / MAKING, ignore_errors=True)
            yield

    def issued(self) -> list[IssuedReport]:
        """Return the reports of the folder without their figures, by owner, kind and period.

        Raises:
            StackError: an issue.json can't be read.
        """
        paths = sorted(self.root.glob(f"[!.]*/*/*/*/{ISSUE}"))
        for path in paths:
            if path in self._read:  # it never changes
                continue
            try:
                self._read[path] = decode_issue(path.read_bytes())
            except (OSError, msgspec.MsgspecError) as error:
                raise StackError(
                    f"{path}: {error}; move its folder away, and `quaymark report rebuild` makes "
                    "the report again"
                ) from None
        return [self._read[path] for path in paths]

    def folder_of(self, report: IssuedReport) -> Path:
        """Return where a report lies, or will lie."""
        return self.root / report.number

    def record(self, report: IssuedReport) -> bytes:
        """Return the record of an issued report, as `port.reports` has it.

        Raises:
            StackError: it can't be read.
        """
        with self._errors():
            return (self.folder_of(report) / RECORD).read_bytes()

    def put(self, report: IssuedReport, files: Mapping[str, bytes]) -> Path:
        """Issue a report: write its files aside, bring them to disk, rename their folder once.

        Raises:
            StackError: it is issued already, or the disk is full or can't be written.
        """
        place = self.folder_of(report)
        if place.exists():
            raise StackError(f"{report.number} is issued already: an issued report never changes")
        making = self.root / MAKING / report.number.replace("/", "-")
        head = replace(report, figures=(), values=b"")
        contents = {**files, RECORD: encode(report), ISSUE: encode(head)}
        with self._errors():
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(parents=True)
            for name, content in contents.items():
                _write(making / name, content)
            _sync(making)
            place.parent.mkdir(parents=True, exist_ok=True)
            os.rename(making, place)
            for folder in (place.parent, *place.parent.parents[: len(Path(report.number).parts)]):
                _sync(folder)
        return place

    def faults(self, report: IssuedReport) -> list[str]:
        """Return what is not as it was issued: a file that is gone, or has other bytes."""
        place = self.folder_of(report)
        found = []
        for file in report.files:
            try:
                content = (place / file.name).read_bytes()
            except OSError as error:
                found.append(f"{place / file.name}: {error.strerror}")
                continue
            if hashlib.sha256(content).hexdigest() != file.sha256:
                found.append(
                    f"{place / file.name}: other bytes than those issued ({len(content):,} of "
                    f"{file.size:,})"
                )
        return found

    def set_aside(self, report: IssuedReport, mark: str) -> Path:
        """Move a damaged folder away, so that the report can be made again; return where to.

        Raises:
            StackError: it can't be moved.
        """
        target = self.root / SET_ASIDE / f"{report.number.replace('/', '-')}-{mark}"
        with self._errors():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(self.folder_of(report), target)
        return target

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = error.filename or self.root
            raise StackError(
                f"{where}: {error.strerror}; nothing was issued: make room, or let this user "
                "write the folder"
            ) from None


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
