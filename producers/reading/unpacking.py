"""The documents of a file: itself, or what a zip or gzip archive or an Excel workbook holds.

Members are streams, and their names are only shown: nothing is written to a path of an archive.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import SEEK_END, BufferedIOBase, BufferedReader
from operator import itemgetter
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from msgspec import Struct

from contract.errors import Reason, Rejected
from producers.reading import gzip_stream
from producers.reading.gzip_stream import GzipStream
from producers.reading.outcome import Stream
from producers.reading.peek_stream import PeekStream
from producers.reading.unpack_budget import MAX_BYTES, UnpackBudget

CHUNK_BYTES = 1 << 16
IN_MEMORY_BYTES = 8 << 20  # of a nested archive or of standard input; the rest goes to disk
MAX_DEPTH = 3  # archives in archives
MAX_WORKBOOK_BYTES = 1 << 30  # a sheet of a million rows and eight columns has 400 MB of XML
MAX_MEMBERS = 10_000
_END_MARK = b"PK\x05\x06"
_END_BYTES = 22  # of the record that ends an archive, without its comment
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
NAME_CHARS = 120
_OTHER_OFFICE = {
    "xl/workbook.bin": "a binary Excel workbook (.xlsb)",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "content.xml": "an OpenDocument file",
}
_WORKBOOK = "xl/workbook.xml"


NO_FAULT = Rejected(Reason.BAD_SYNTAX, "")


class Document(Struct, frozen=True):
    """A stream to read, or why there is none; its name is that of the file and the member."""

    name: str
    stream: Stream | None
    fault: Rejected = NO_FAULT
    warning: str = ""


def documents(
    name: str, stream: Stream, sheet: str | None = None, budget: UnpackBudget | None = None
) -> Iterator[Document]:
    """Yield the documents of a file; each must be read before the next is asked for."""
    yield from _Unpacking(sheet, budget or UnpackBudget()).of(name, stream, 0)


class _Unpacking:
    """One file being unpacked."""

    def __init__(self, sheet: str | None, budget: UnpackBudget) -> None:
        self._sheet, self._budget = sheet, budget
        self._members = 0

    def of(self, name: str, stream: Stream, depth: int) -> Iterator[Document]:
        """Yield the documents of a stream."""
        ahead = PeekStream(stream)
        try:
            head = ahead.peek(4)
            if not head.startswith((gzip_stream.MARK, *ZIP_MARKS)):
                yield Document(name, ahead)
            elif depth == MAX_DEPTH:
                message = f"archives are nested deeper than {MAX_DEPTH}; unpack them first"
                yield Document(name, None, Rejected(Reason.BAD_SYNTAX, message))
            elif head.startswith(gzip_stream.MARK):
                unpacked = GzipStream(ahead, self._budget)
                yield from self.of(name.removesuffix(".gz"), unpacked, depth + 1)
            elif depth == 0 and isinstance(stream, BufferedReader) and stream.seekable():
                yield from self._zip(name, stream, depth)
            else:
                with _seekable(ahead) as file:
                    yield from self._zip(name, file, depth)
        except Rejected as rejected:
            yield Document(name, None, rejected)

    def _zip(self, name: str, file: IO[bytes], depth: int) -> Iterator[Document]:
        try:
            archive = zipfile.ZipFile(file)
            infos = archive.infolist()
            fault = _bytes_around(file, archive)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            message = f"this is a damaged ZIP archive or Excel workbook (.xlsx): {error}"
            yield Document(name, None, Rejected(Reason.BAD_SYNTAX, message))
            return
        names = {info.filename for info in infos}
        if _WORKBOOK in names:
            yield self._workbook(name, file, infos)
            return
        for mark, what in _OTHER_OFFICE.items():
            if mark in names and ("[Content_Types].xml" in names or "mimetype" in names):
                message = f"this is {what}, expected an Excel workbook (.xlsx) or CSV; save it so"
                yield Document(name, None, Rejected(Reason.BAD_SYNTAX, message))
                return
        if fault:
            yield Document(name, None, Rejected(Reason.BAD_SYNTAX, fault))
        before = self._members
        files = ((_shown(info), info) for info in infos if not info.is_dir() or info.file_size)
        for shown, info in sorted(files, key=itemgetter(0)):
            if any(_is_hidden(part) for part in shown.split("/")):
                continue
            self._members += 1
            if self._members > MAX_MEMBERS:
                message = f"more than {MAX_MEMBERS} files in the archive; the rest is not read"
                yield Document(name, None, Rejected(Reason.TOO_LARGE, message))
                return
            yield from self._member(f"{name}/{shown}", archive, info, depth)
        if self._members == before:
            yield Document(name, None, Rejected(Reason.BAD_SYNTAX, "the archive holds no file"))

    def _member(
        self, name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, depth: int
    ) -> Iterator[Document]:
        if info.flag_bits & 1:
            message = "this is encrypted; unpack the archive with its password first"
            yield Document(name, None, Rejected(Reason.BAD_SYNTAX, message))
            return
        try:
            member = archive.open(info)
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
            message = f"it can't be unpacked: {error}"
            yield Document(name, None, Rejected(Reason.BAD_SYNTAX, message))
            return
        with member:
            self._budget.read(info.compress_size)
            stream = _Member(cast(BufferedIOBase, member), self._budget)
            yield from self.of(name, stream, depth + 1)

    def _workbook(self, name: str, file: IO[bytes], infos: list[zipfile.ZipInfo]) -> Document:
        size = sum(info.file_size for info in infos)  # zipfile unpacks no more than that
        if size > MAX_WORKBOOK_BYTES:
            raise Rejected(
                Reason.TOO_LARGE,
                f"the workbook unpacks to {size} bytes, read are {MAX_WORKBOOK_BYTES} at most; "
                "export its sheet as CSV",
            )
        self._budget.read(sum(info.compress_size for info in infos))
        self._budget.unpacked(size)
        from producers.reading.workbook import SheetStream  # openpyxl costs a third of a second

        file.seek(0)
        sheet = SheetStream(file, self._sheet)
        return Document(name, sheet, warning=sheet.warning)


class _Member:
    """A member of a zip archive; reading raises Rejected where it is damaged or too large."""

    def __init__(self, member: BufferedIOBase, budget: UnpackBudget) -> None:
        self._member, self._budget = member, budget

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        try:
            chunk = self._member.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise Rejected(
                Reason.BAD_SYNTAX, f"the archive is damaged ({error}); it is read up to there"
            ) from None
        self._budget.unpacked(len(chunk))
        return chunk


def _bytes_around(file: IO[bytes], archive: zipfile.ZipFile) -> str:
    """Return what stands before or behind an archive, as of archives that were joined, or ""."""
    before = min((info.header_offset for info in archive.infolist()), default=0)
    size = file.seek(0, SEEK_END)
    file.seek(max(0, size - _END_BYTES - (1 << 16)))  # the comment has at most 64 kB
    tail = file.read()
    behind = len(tail) - tail.rfind(_END_MARK) - _END_BYTES - len(archive.comment)
    places = [
        f"{count} bytes stand {where} the archive"
        for count, where in ((before, "before"), (behind, "behind"))
        if count > 0
    ]
    return (
        f"{' and '.join(places)} and are not read; if archives were joined, send each by itself"
        if places
        else ""
    )


def _seekable(stream: PeekStream) -> IO[bytes]:
    """Return a temporary copy that can be read at any place, as a zip archive must be."""
    file = cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY_BYTES))  # noqa: SIM115 - its user closes it
    size = 0
    while chunk := stream.read(CHUNK_BYTES):
        size += len(chunk)
        if size > MAX_BYTES:
            raise Rejected(Reason.TOO_LARGE, f"the archive has more than {MAX_BYTES} bytes")
        file.write(chunk)
    file.seek(0)
    return file


def _is_hidden(part: str) -> bool:
    """Whether a part of a path hides a file, as in a folder; `..` does not."""
    return part == "__MACOSX" or (part.startswith(".") and part.strip(".") != "")


def _shown(info: zipfile.ZipInfo) -> str:
    """Return a member's name for messages; where no flag says UTF-8 it may be GB18030."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    shown = "".join(char if char.isprintable() else "\ufffd" for char in name.replace("\\", "/"))
    return shown if len(shown) <= NAME_CHARS else f"…{shown[-NAME_CHARS:]}"
