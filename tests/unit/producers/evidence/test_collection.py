"""What `init` is told of files is what their senders wrote, counted by hand."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contract.book import read_book
from contract.evidence.file_evidence import FileEvidence, SenderEvidence
from producers.evidence.collection import EvidenceCollection
from producers.reading.input_files import files_of
from producers.reading.outcome import ReadingTerms
from stack.setup.file_reading import ANY_PORT

FIXTURES = Path(__file__).parents[3] / "fixtures"
CASES = FIXTURES / "cases"
NOW = datetime(2026, 11, 25, tzinfo=UTC)
BOOK = read_book(ANY_PORT, "any")


def seen(*paths: Path) -> FileEvidence:
    collection = EvidenceCollection(ReadingTerms(book=BOOK), NOW)

    async def read() -> None:
        for found in files_of(tuple(map(str, paths))):
            await collection.read(found, NOW, lambda size: None)

    asyncio.run(read())
    return collection.evidence


def only(evidence: FileEvidence) -> SenderEvidence:
    (sender,) = evidence.senders
    return sender


def test_a_gate_in_of_huelva_shows_its_sender_terminal_port_and_document_code() -> None:
    # by eye in the file: UNB ESHUV, LOC+165 …+CONCHUV, NAD+MS+ESSCT, BGM+34
    path = FIXTURES / "codeco-d95b-huelva-gate-in.edi"
    sender = only(seen(path))
    assert (sender.form, sender.sender, sender.records.records) == ("edifact", "ESHUV", 1)
    assert {field: list(codes) for field, codes in sender.terminals.items()} == {
        "": ["CONCHUV"],
        "NAD+MS": ["ESSCT"],
    }
    assert list(sender.ports) == ["ESHUV"]
    assert list(sender.documents["CODECO"]) == ["34"]
    assert sender.records.file == str(path)


def test_a_terminal_that_nad_alone_names_is_seen_in_that_field_only() -> None:
    sender = only(seen(CASES / "nad-ms.edi"))
    assert {field: list(codes) for field, codes in sender.terminals.items()} == {
        "NAD+MS": ["NTQT1"]
    }


def test_a_document_code_of_no_move_is_counted_by_the_status_of_its_boxes(tmp_path: Path) -> None:
    # the sample has BGM+46 and EQD … +3+5: status 3, import
    text = (CASES / "nad-ms.edi").read_bytes().replace(b"BGM+46+", b"BGM+119+")
    (tmp_path / "own-code.edi").write_bytes(text)
    sender = only(seen(tmp_path))
    assert {
        code: {status: one.records for status, one in statuses.items()}
        for code, statuses in sender.unknown_documents["COARRI"].items()
    } == {"119": {"3": 1}}


def test_words_that_are_no_size_are_counted_and_sizes_are_not() -> None:
    # 3 of the 9 rows have a size that the table of docs/import.md lists: GP20, HC40, DRY 40
    sender = only(seen(CASES / "size-words.csv"))
    assert set(sender.unknown_sizes) == {"N/A", "NULL", "NONE", "FLAT", "GENERAL", "LCL"}
    assert sender.records.records == 9


def test_times_without_an_offset_are_counted_apart() -> None:
    sender = only(seen(CASES / "naive.json"))
    assert {name: one.records for name, one in sender.times.items()} == {"none": 1}


def test_a_file_of_no_known_form_is_named_with_the_reason() -> None:
    evidence = seen(CASES / "unknown-form.csv")
    assert not evidence.senders
    ((file, why),) = evidence.unread.items()
    assert file.endswith("unknown-form.csv")
    assert "known header" in why


@pytest.mark.parametrize("name", ["p-1.json", "size-45.csv", "docno-words-1.edi"])
def test_a_file_in_a_gzip_archive_shows_what_the_file_shows(name: str, tmp_path: Path) -> None:
    import gzip

    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress((CASES / name).read_bytes()))
    inside, outside = seen(packed).senders, seen(CASES / name).senders
    assert [
        (one.sender, one.records.records, {f: list(c) for f, c in one.terminals.items()})
        for one in inside
    ] == [
        (one.sender, one.records.records, {f: list(c) for f, c in one.terminals.items()})
        for one in outside
    ]
