"""Archives: what they hold is read, and no archive fills memory or disk."""

import asyncio
import gzip
import io
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.errors import Reason, Rejected
from producers.importing.run import Import
from producers.importing.tally import ImportTally
from producers.importing.whole_file import KEPT_BYTES
from producers.reading.gzip_stream import GzipStream
from producers.reading.input_files import Found
from producers.reading.outcome import ReadingTerms
from producers.reading.unpack_budget import UnpackBudget
from producers.reading.unpacking import Document, documents
from producers.reading.utf16 import as_utf8
from tests.unit.producers.cases import BOOK, CASES
from tests.unit.producers.imported import NOW, Imported, imported

MOVES = (
    b"move,time,terminal,container,size\n"
    b"DISC,2026-03-05T02:12:00+08:00,NTQT1,ZZQU0000014,22G1\n"
    b"DISC,2026-03-05T02:13:00+08:00,NTQT1,ZZQU0000020,45G1\n"
)


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return raw.getvalue()


def read(raw: bytes, budget: UnpackBudget | None = None) -> list[tuple[str, bytes | Rejected]]:
    """Name and bytes of each document, or why it has none."""
    found: list[tuple[str, bytes | Rejected]] = []
    for document in documents("x", io.BytesIO(raw), budget=budget):
        found.append((document.name, _whole(document)))
    return found


def _whole(document: Document) -> bytes | Rejected:
    if document.stream is None:
        return document.fault
    whole = []
    try:
        while chunk := document.stream.read(1 << 16):
            whole.append(chunk)
    except Rejected as rejected:
        return rejected
    return b"".join(whole)


def import_of(tmp_path: Path, name: str, raw: bytes) -> Imported:
    path = tmp_path / name
    path.write_bytes(raw)
    return imported([path], ReadingTerms(BOOK), book=BOOK)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("m.csv.gz", gzip.compress),
        ("m.zip", lambda raw: zipped({"m.csv": raw})),
        ("m.zip", lambda raw: zipped({"m.csv": raw}, zipfile.ZIP_STORED)),
        ("m.zip", lambda raw: zipped({"a/m.csv.gz": gzip.compress(raw)})),
        ("m.zip", lambda raw: zipped({"in.zip": zipped({"m.csv": raw})})),
    ],
)
def test_what_an_archive_holds_counts(
    tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    found = import_of(tmp_path, name, pack(MOVES))

    assert (found.summary["moves"], found.summary["teu"]) == (2, 3)
    assert found.exit_code == 0


def test_members_are_read_in_order_of_their_names_and_each_is_a_file(tmp_path: Path) -> None:
    members = {"b.csv": MOVES, "a.json": (CASES / "pote.json").read_bytes(), "c.txt": b"hello"}

    found = import_of(tmp_path, "m.zip", zipped(members))

    assert found.summary["files"] == 3
    assert found.summary["moves"] == 3
    (rejected,) = found.items("rejected")
    assert rejected["file"].endswith("m.zip/c.txt")
    assert found.exit_code == 1


def test_hidden_members_and_folders_are_left_out() -> None:
    raw = zipped({"a/": b"", "a/x": b"1", "__MACOSX/a/._x": b"2", ".hidden": b"3"})

    assert read(raw) == [("x/a/x", b"1")]


def test_names_are_shown_and_never_paths() -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("../../etc/x\x1b[31m", b"1")
        archive.writestr("港/作业.csv", b"2")

    names = [name for name, _ in read(raw.getvalue())]

    assert names == ["x/../../etc/x\ufffd[31m", "x/港/作业.csv"]


def test_a_name_in_gb18030_is_shown_as_written() -> None:
    raw = zipped({"aaaa.csv": b"1"}).replace(b"aaaa.csv", "作业".encode("gb18030") + b".csv")

    assert [name for name, _ in read(raw)] == ["x/作业.csv"]


def test_joined_gzip_members_are_one_stream() -> None:
    assert read(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0") == [("x", b"one two")]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (gzip.compress(MOVES)[:-12], "the gzip archive is cut"),
        (gzip.compress(MOVES) + b"behind", "other bytes stand behind"),
        (b"\x1f\x8b" + b"\xff" * 30, "the gzip archive is damaged"),
        (zipped({"m.csv": MOVES})[:-30], "damaged ZIP archive or Excel workbook"),
        (b"PK\x03\x04" + b"\0" * 80, "damaged ZIP archive or Excel workbook"),
        (zipped({"word/document.xml": b"", "[Content_Types].xml": b""}), "a Word document"),
        (
            zipped({"xl/workbook.bin": b"", "[Content_Types].xml": b""}),
            r"binary Excel",
        ),
        (zipped({}), "holds no file"),
    ],
)
def test_a_damaged_archive_is_refused_with_what_it_is(raw: bytes, says: str) -> None:
    found = read(raw)

    fault = found[-1][1]
    assert isinstance(fault, Rejected)
    with pytest.raises(Rejected, match=says):
        raise fault


def test_of_a_cut_archive_the_rows_before_the_cut_count(tmp_path: Path) -> None:
    rows = "".join(
        f"DISC,2026-03-05T{hour:02}:{minute:02}:00+08:00,NTQT1,ZZQU{hour * 60 + minute:07d},22G1\n"
        for hour in range(24)
        for minute in range(60)
    )
    packed = gzip.compress(b"move,time,terminal,container,size\n" + rows.encode())

    found = import_of(tmp_path, "m.csv.gz", packed[: len(packed) // 2])

    assert 0 < found.summary["moves"] < 1440
    assert any("the gzip archive is cut" in item["message"] for item in found.items("rejected"))
    assert found.exit_code == 1


def test_a_wrong_checksum_is_named_and_nothing_of_the_member_is_usable(tmp_path: Path) -> None:
    raw = bytearray(zipped({"m.csv": MOVES}, zipfile.ZIP_STORED))
    raw[raw.index(b"ZZQU0000020")] ^= 1

    found = import_of(tmp_path, "m.zip", bytes(raw))

    assert any("the archive is damaged" in item["message"] for item in found.items("rejected"))
    assert (found.summary["moves"], found.exit_code) == (0, 2)


def encrypted(members: dict[str, bytes]) -> bytes:
    """An archive each of whose members is marked as encrypted."""
    raw = zipped(members)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        head, *rest = raw.split(mark)
        marked = [
            bytes((*one[: offset - 4], one[offset - 4] | 1, *one[offset - 3 :])) for one in rest
        ]
        raw = mark.join([head, *marked])
    return raw


def test_an_encrypted_member_is_refused() -> None:
    ((_, fault),) = read(encrypted({"m.csv": MOVES}))

    assert isinstance(fault, Rejected)
    assert "encrypted" in fault.message


WRONG_CHECKSUM = gzip.compress(MOVES)[:-8] + b"\0\0\0\0" + gzip.compress(MOVES)[-4:]


@pytest.mark.parametrize(
    ("raw", "moves"),
    [
        (zipped({"m.csv": MOVES})[:-30], 0),
        (gzip.compress(MOVES + b"x" * 300_000)[:-12], 2),
        (gzip.compress(MOVES) + b"behind", 2),
        (WRONG_CHECKSUM, 0),
        (b"\x1f\x8b" + b"\xff" * 30, 0),
        (encrypted({"m.csv": MOVES}), 0),
        (zipped({"word/document.xml": b"", "[Content_Types].xml": b""}), 0),
        (zipped({"m.csv": MOVES}) + b"joined by cat", 2),
        (zipped({"m.csv.gz": gzip.compress(MOVES)[:-12]}), 1),  # the second row is cut
    ],
)
def test_a_refused_archive_is_kept_as_it_is_packed(tmp_path: Path, raw: bytes, moves: int) -> None:
    found = import_of(tmp_path, "archive", raw)

    # Other rows of the same file may be refused by themselves, with their own bytes.
    assert raw in [letter.value for letter in found.letters]
    assert all(letter.value for letter in found.letters)
    assert found.exit_code in (1, 2)
    assert found.summary["moves"] == moves


def test_the_first_refusal_of_an_archive_keeps_its_bytes_and_the_others_say_so(
    tmp_path: Path,
) -> None:
    raw = encrypted({"a.csv": MOVES, "b.csv": MOVES})

    found = import_of(tmp_path, "m.zip", raw)

    assert [letter.value for letter in found.letters] == [raw, b""]
    assert (
        "the first refusal of this archive keeps its bytes"
        in found.items("rejected")[1]["message"]
    )


def test_of_a_large_refused_archive_the_rest_is_in_the_file_that_is_named(tmp_path: Path) -> None:
    raw = b"PK\x03\x04" + b"x" * KEPT_BYTES

    found = import_of(tmp_path, "m.zip", raw)

    assert b"".join(letter.value or b"" for letter in found.letters) == raw[:KEPT_BYTES]
    assert f"keep {tmp_path / 'm.zip'}" in found.items("rejected")[-1]["message"]


def test_a_refused_archive_on_standard_input_says_that_it_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Standard:
        buffer = io.BytesIO(b"\x1f\x8b" + b"\xff" * 30)  # as a pipe, it can't be read again

    monkeypatch.setattr(sys, "stdin", Standard)
    run = Import(ReadingTerms(BOOK), None, ImportTally(BOOK, NOW))

    asyncio.run(run.read(Found("standard input", None), NOW, lambda size: None))

    [item] = run.tally.items
    assert "its bytes are kept nowhere: import it as a file" in item.message


def test_a_checksum_that_does_not_fit_is_told_in_words(tmp_path: Path) -> None:
    found = import_of(tmp_path, "m.csv.gz", WRONG_CHECKSUM)

    [item] = found.items("rejected")
    assert "its files do not have the checksum that it names" in item["message"]
    assert "Error -3" not in item["message"]


def test_archives_in_archives_end_at_a_depth() -> None:
    raw = MOVES
    for _ in range(5):
        raw = zipped({"in.zip": raw})

    ((name, fault),) = read(raw)

    assert isinstance(fault, Rejected)
    assert "nested deeper than 3" in fault.message
    assert name == "x/in.zip/in.zip/in.zip"


@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: zipped({"m": raw})])
def test_zeros_without_end_are_not_unpacked(pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(64 << 20))
    assert len(bomb) < 100_000

    ((_, fault),) = read(bomb)

    assert isinstance(fault, Rejected)
    assert fault.reason is Reason.TOO_LARGE
    assert "more than 300 times its size" in fault.message


def test_more_than_the_budget_is_not_unpacked() -> None:
    noise = b"".join(zlib.crc32(b"%d" % n).to_bytes(4, "big") for n in range(9000))

    ((_, fault),) = read(gzip.compress(noise), UnpackBudget(max_bytes=20_000))

    assert isinstance(fault, Rejected)
    assert "unpacks to more than 20000 bytes" in fault.message


def test_the_budget_is_one_for_all_members() -> None:
    found = read(zipped({"a": b"x" * 900, "b": b"y" * 900}), UnpackBudget(max_bytes=1000))

    assert found[0] == ("x/a", b"x" * 900)
    assert isinstance(found[1][1], Rejected)


def test_gzip_is_read_in_pieces_of_any_size() -> None:
    stream = GzipStream(io.BytesIO(gzip.compress(MOVES)), UnpackBudget())

    pieces = list(iter(lambda: stream.read(7), b""))

    assert b"".join(pieces) == MOVES
    assert max(map(len, pieces)) <= 7


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (zipped({"a": b"1"}) + zipped({"b": b"2"}), "before"),
        (b"PK\x03\x04junk" + zipped({"b": b"2"}), "8 bytes stand before"),
        (zipped({"b": b"2"}) + b"more rows\n", "10 bytes stand behind"),
    ],
)
def test_bytes_around_an_archive_are_named(raw: bytes, says: str) -> None:
    (_, fault), *members = read(raw)

    assert isinstance(fault, Rejected)
    assert says in fault.message
    assert members == [("x/b", b"2")]


def test_a_comment_of_an_archive_is_no_strange_byte() -> None:
    raw = io.BytesIO(zipped({"b": b"2"}))
    with zipfile.ZipFile(raw, "a") as archive:
        archive.comment = b"from the terminal"

    assert read(raw.getvalue()) == [("x/b", b"2")]


def test_a_member_whose_name_is_that_of_a_folder_is_read() -> None:
    assert read(zipped({"a/": b"1"})) == [("x/a/", b"1")]


@pytest.mark.parametrize("rows", [3, 50])  # the header is looked for among 12 rows
def test_of_a_cut_archive_the_rows_above_ascii_count_too(tmp_path: Path, rows: int) -> None:
    # the encoding is decided by 64 kB of lines, which a short archive does not have
    row = "DISC,2026-03-05T02:{:02}:00+08:00,NTQT1,ZZQU0000014,22G1,航次\n"
    raw = MOVES.splitlines()[0] + b",voyage\n" + "".join(map(row.format, range(rows))).encode()

    found = import_of(tmp_path, "m.csv.gz", gzip.compress(raw)[:-8])  # without its check sum

    assert found.summary["moves"] == rows
    assert found.summary["rejected"]["total"] == 1


def test_damage_behind_the_head_of_a_stream_costs_nothing_before_it() -> None:
    # the head is looked at in 512 bytes; the damage lies within the next read of 64 kB
    raw = gzip.compress(bytes(range(256)) * 3)[:-8]
    stream = as_utf8(GzipStream(io.BytesIO(raw), UnpackBudget()))

    found = stream.read(1 << 16)
    while len(found) < 256 * 3:
        found += stream.read(1 << 16)

    assert found == bytes(range(256)) * 3
    with pytest.raises(Rejected, match="cut"):
        stream.read(1)
