"""The manifest: a line for each file of an archive; one that it does not name does not count."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from contract.errors import StackError

NAME = "manifest.jsonl"
FORM = 1  # of the files; a reader refuses one that it does not know


class ArchiveHead(Struct, frozen=True, tag="archive"):
    """The first line: form of the archive, and the Kafka cluster whose offsets it names."""

    form: int
    cluster: str


class OffsetSpan(Struct, frozen=True):
    """A partition's part of a file: offsets `first` up to but not `end`.

    `newest` is the greatest timestamp that the partition had reached at `end`.
    """

    first: int
    end: int
    newest: int
    records: int


class Part(Struct, frozen=True, tag="part"):
    """One file: the records that one run of `archive` filed under one day of one topic."""

    topic: str
    day: date
    number: int
    """0 for the first of the day; a day that was still open goes on in another file."""
    records: int
    size: int
    sha256: str
    spans: dict[int, OffsetSpan]
    first_sent: datetime
    last_sent: datetime
    first_event: datetime | None
    last_event: datetime | None
    """Event times; None where no record could be read as an event."""

    @property
    def path(self) -> str:
        """The file, below the archive's folder."""
        return f"{self.topic}/{self.day}.{self.number}.parquet"


_decoder = msgspec.json.Decoder(ArchiveHead | Part)


class ArchiveManifest:
    """An archive's manifest as read; `add` makes a file count."""

    def __init__(self, folder: Path, head: ArchiveHead | None, parts: list[Part]) -> None:
        self.folder = folder
        self.head = head
        self.parts = parts
        """In the order in which they were written."""

    @classmethod
    def read(cls, folder: Path) -> "ArchiveManifest":
        """The manifest of a folder; one without files if there is none yet.

        A last line without its end was being written when something failed: it does not count.

        Raises:
            StackError: it is damaged, or of another form.
        """
        path = folder / NAME
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return cls(folder, None, [])
        except OSError as error:
            raise StackError(f"{path}: {error.strerror}") from None
        head: ArchiveHead | None = None
        parts: list[Part] = []
        for number, line in enumerate(text.split(b"\n")[:-1], 1):
            try:
                entry = _decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise StackError(
                    f"{path}, line {number}: {error}; put the manifest back from a copy, "
                    "or make the archive anew in another folder"
                ) from None
            if isinstance(entry, Part):
                parts.append(entry)
            elif entry.form != FORM:
                raise StackError(f"{path}: form {entry.form}, this release reads {FORM}")
            else:
                head = entry
        return cls(folder, head, parts)

    def of(self, topic: str) -> list[Part]:
        """The files of a topic, in the order of their offsets."""
        return [part for part in self.parts if part.topic == topic]

    def reached(self, topic: str) -> dict[int, OffsetSpan]:
        """Partition -> the last span of it."""
        return {n: span for part in self.of(topic) for n, span in part.spans.items()}

    def next_number(self, topic: str, day: date) -> int:
        """The number of the next file of a day."""
        return sum(part.day == day for part in self.of(topic))

    def begin(self, cluster: str) -> None:
        """Say of which cluster this is the archive, and drop a line that was cut short.

        Raises:
            StackError: it is another's: its offsets would not go on from these.
        """
        if self.head is None:
            self.head = ArchiveHead(FORM, cluster)
            (self.folder / NAME).write_bytes(b"")
            self._write(self.head)
        elif self.head.cluster != cluster:
            raise StackError(
                f"{self.folder} is the archive of Kafka cluster {self.head.cluster}, this is "
                f"{cluster}: give the archive of this one a folder of its own"
            )
        else:
            with (self.folder / NAME).open("rb+") as file:
                file.truncate(file.read().rfind(b"\n") + 1)

    def add(self, part: Part) -> None:
        """Let a file count."""
        self._write(part)
        self.parts.append(part)

    def _write(self, entry: ArchiveHead | Part) -> None:
        with (self.folder / NAME).open("ab") as file:
            file.write(msgspec.json.encode(entry) + b"\n")
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep a folder for one writer while the block runs.

    Raises:
        StackError: somebody else writes there, or nobody can.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError:
        raise StackError(f"{folder}: another `quaymark archive` writes there") from None
    except OSError as error:
        raise StackError(f"{folder}: {error.strerror}") from None
