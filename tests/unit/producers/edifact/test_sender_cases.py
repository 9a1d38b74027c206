"""Small files as real senders write them, and what they come to: expected values by hand."""

from pathlib import Path

import msgspec
import pytest

from contract.book import Book, read_book
from contract.errors import Misconfigured
from producers.reading.outcome import ReadingTerms
from tests.unit.producers.cases import BOOK, CASES, case
from tests.unit.producers.imported import Imported, imported


@pytest.mark.parametrize(
    ("names", "moves", "teu"),
    [
        # two voyages four weeks apart under a constant text, or zeros, as document number
        (("docno-words-1.edi", "docno-words-2.edi"), 2, 2),
        (("docno-zeros-1.edi", "docno-zeros-2.edi"), 2, 2),
        # turned away at the gate and brought again two days later
        (("gate-twice-1.edi", "gate-twice-2.edi"), 2, 0),
        # one discharge told to operator and line, and another one to the operator alone
        (("told-to-operator.edi", "told-to-line.edi"), 2, 2),
        # two boxes (1 + 2 TEU), the first of them cancelled under a number of its own
        (("cancel-1.edi", "cancel-2.edi"), 1, 2),
        # a replacement (40 ft) before its original (20 ft)
        (("replaced-2.edi", "replaced-1.edi"), 1, 2),
        # each box in a message of its own, all references the same
        (("own-messages.edi",), 2, 2),
    ],
)
def test_moves_are_told_apart_as_they_happened(
    names: tuple[str, ...], moves: int, teu: float
) -> None:
    for order in (names, names[::-1]):
        done = case(*order)

        assert (done.summary["moves"], done.summary["teu"]) == (moves, teu)
        assert done.exit_code == 0


def test_a_cancellation_that_finds_its_move_counts_as_one() -> None:
    done = case("cancel-1.edi", "cancel-2.edi")

    assert done.summary["retracted"] == 1
    assert done.summary["flagged"] == {"total": 0}


def test_a_cancellation_alone_is_flagged_and_takes_nothing_back() -> None:
    done = case("cancel-2.edi")

    assert (done.summary["moves"], done.summary["retracted"]) == (0, 0)
    assert done.summary["flagged"] == {"no_original": 1, "total": 1}


def test_rows_that_are_numbered_anew_each_day_are_conflicts() -> None:
    done = case("day-1.csv", "day-2.csv")

    assert (done.summary["moves"], done.summary["teu"]) == (2, 2)
    assert done.summary["amended"] == 0
    assert done.summary["rejected"] == {"conflict": 2, "total": 2}
    assert "for another container than 'ZZQU0000539'" in done.items("rejected")[0]["message"]
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("name", "exit_code", "moves", "teu", "rejected"),
    [
        # a UNH lost: two boxes of three are refused
        ("no-unh.edi", 1, 1, 1, 2),
        # UNZ without its end, and another interchange behind it: 20 ft and 40 ft
        ("unz-no-end.edi", 0, 2, 3, 0),
        # the second EQD of three damaged: 20 ft and 45 ft count
        ("damaged-eqd.edi", 1, 2, 3.25, 1),
        # cut behind the second box of three, no UNT and no UNZ
        ("cut-at-segment.edi", 1, 2, 3, 1),
        # sound: escapes, line breaks, other delimiters, mail around it
        ("escaped-release.edi", 0, 2, 3, 0),
        ("una-crlf.edi", 0, 1, 1, 0),
        ("repetition.edi", 0, 1, 1, 0),
        ("early-terminator.edi", 0, 2, 3, 0),
        ("text-break.edi", 0, 2, 3, 0),
        ("wrapped.edi", 0, 2, 3, 0),
        ("mail.edi", 0, 1, 1, 0),
        ("ref-una.edi", 0, 1, 1, 0),
        ("text-una.edi", 0, 2, 3, 0),
        ("other-marks.edi", 0, 2, 3, 0),
        ("groups.edi", 0, 4, 7.5, 0),
        ("una-lost.edi", 2, 0, 0, 1),
    ],
)
def test_damage_costs_its_own_bytes_and_no_more(
    name: str, exit_code: int, moves: int, teu: float, rejected: int
) -> None:
    done = case(name)

    assert (done.exit_code, done.summary["moves"], done.summary["teu"]) == (exit_code, moves, teu)
    assert done.summary["rejected"]["total"] == rejected == len(done.letters)
    raw = (CASES / name).read_bytes()
    for letter in done.letters:
        assert letter.value
        parts = [part.strip() for part in letter.value.split(b"'")]
        # all but a UNA and the trailers that make a whole file of it are bytes of the file
        assert all(part in raw for part in parts if part[:3] not in (b"UNA", b"UNT", b"UNZ"))


def test_the_boxes_of_a_message_without_its_unh_are_kept() -> None:
    first, second = case("no-unh.edi").letters

    assert b"EQD+CN+ZZQU0000020" in (first.value or b"")
    assert b"EQD+CN+ZZQU0000035" in (second.value or b"")


def test_a_lost_una_is_named_as_the_way_out() -> None:
    (item,) = case("una-lost.edi").items("rejected")

    assert "a UNA must name it" in item["message"]


def test_the_habits_of_a_folder_are_shown() -> None:
    done = case(
        *("docno-words-1.edi", "docno-words-2.edi", "gate-twice-1.edi", "cancel-2.edi"),
        *("told-to-operator.edi", "told-to-line.edi"),
    )

    habits = done.summary["habits"]["/edifact/qitong"]
    # 2 under a text, 1 gate-in without a number, 1 cancellation D2, and 2 + 1 under 1001 and 1002
    assert habits["reports"] == 7
    assert habits["functions"] == {"9": 6, "1": 1}
    assert habits["documents"] == {"words": 2, "none": 1, "numbers": 4}
    assert habits["documents_repeated"] == 1  # the text, for two voyages
    assert habits["moves_told_twice"] == 1


def with_profile(**fields: object) -> Book:
    partner = msgspec.structs.replace(BOOK.partner[0], **fields)
    return msgspec.structs.replace(BOOK, partner=(partner,))


def imported_with(name: str, **fields: object) -> Imported:
    book = with_profile(**fields)
    return imported([CASES / name], ReadingTerms(book=book), book=book)


def test_a_terminal_that_only_nad_ms_names_is_refused_with_the_way_out() -> None:
    done = case("nad-ms.edi")

    (item,) = done.items("rejected")
    assert "NAD+MS is 'NTQT1'" in item["message"]
    assert 'terminal_from = ["NAD+MS"]' in item["message"]
    assert imported_with("nad-ms.edi", terminal_from=("NAD+MS",)).summary["moves"] == 1


@pytest.mark.parametrize(
    ("field", "segment"),
    [
        ("LOC+165", "LOC+165+NTQT1:139"),
        ("LOC+89", "LOC+89+CNNTG:139:6+NTQT1:TER:ZZZ"),
        ("LOC+9", "LOC+9+CNNTG:139:6+NTQT1:TER:ZZZ"),
        ("LOC+9", "LOC+9+NTQT1"),
        ("NAD+TR", "NAD+TR+NTQT1::ZZZ"),
        ("NAD+MS", "NAD+MS+NTQT1"),
    ],
)
@pytest.mark.parametrize("within_the_box", [False, True])
def test_a_profile_says_which_field_names_the_terminal(
    tmp_path: Path, field: str, segment: str, within_the_box: bool
) -> None:
    text = (CASES / "nad-ms.edi").read_text().replace("NAD+MS+NTQT1::ZZZ'\n", "")
    text = text.replace("LOC+9+CNNTG:139'\n", "")
    before = "DTM+203" if within_the_box else "EQD+CN"
    path = tmp_path / "x.edi"
    path.write_text(text.replace(before, f"{segment}'{before}"))
    book = with_profile(terminal_from=(field,))

    done = imported([path], ReadingTerms(book=book), book=book)

    assert done.summary["moves"] == 1
    assert done.moves[0].data.facilityCode == "NTQT1"


def test_the_port_of_loading_names_no_terminal_of_a_discharge(tmp_path: Path) -> None:
    text = (CASES / "nad-ms.edi").read_text().replace("BGM+46", "BGM+44")
    path = tmp_path / "x.edi"
    path.write_text(text.replace("LOC+9+CNNTG", "LOC+11+NTQT1:139'LOC+9+SGSIN"))
    book = with_profile(terminal_from=("LOC+9", "LOC+11"))

    done = imported([path], ReadingTerms(book=book), book=book)

    assert done.moves[0].data.facilityCode == "NTQT1"


def test_a_constant_terminal_is_that_of_messages_that_name_none() -> None:
    assert imported_with("nad-ms.edi", terminal="NTQT1").summary["moves"] == 1
    (event,) = imported_with("docno-words-1.edi", terminal="THE").moves
    assert event.data.facilityCode == "NTQT1"  # its own LOC+165


def test_a_constant_terminal_must_be_in_the_book() -> None:
    text = (CASES / "book.toml").read_text(encoding="utf-8") + 'terminal = "NOWHERE"\n'

    with pytest.raises(Misconfigured, match=r"terminals.terminal is 'NOWHERE'"):
        read_book(text, "book.toml")


def test_a_terminal_that_the_book_lacks_keeps_the_bytes_and_counts_once_it_has_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.edi"
    path.write_text((CASES / "docno-words-1.edi").read_text().replace("NTQT1", "QT7"))

    done = imported([path], ReadingTerms(book=BOOK), book=BOOK)

    assert done.summary["rejected"] == {"unknown_terminal": 1, "total": 1}
    (letter,) = done.letters
    assert b"EQD+CN+ZZQU0000014" in (letter.value or b"")
    mended = with_profile(terminals={"QT7": "NTQT1"})
    path.write_bytes(letter.value or b"")
    again = imported([path], ReadingTerms(book=mended), book=mended)
    assert again.moves[0].id == case("docno-words-1.edi").moves[0].id
