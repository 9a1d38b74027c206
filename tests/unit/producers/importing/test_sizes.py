"""Sizes in imported files of every form; expected TEU by hand: 20 ft 1, 40 ft 2, 45 ft 2.25."""

from collections.abc import Callable
from pathlib import Path

import pytest

from contract.book import read_book
from contract.errors import Misconfigured
from producers.reading.outcome import ReadingTerms
from tests.unit.producers.cases import CASES, case
from tests.unit.producers.imported import Imported, imported

TOML = (CASES / "book.toml").read_text(encoding="utf-8")


def test_words_that_are_no_size_in_a_table_count_no_teu() -> None:
    # N/A, NULL, None, FLAT, GENERAL and LCL are none; GP20 is 1, HC40 and DRY 40 are 2 each
    found = case("size-words.csv")

    assert (found.summary["moves"], found.summary["teu"]) == (9, 5)
    assert found.summary["flagged"] == {"unknown_size": 6, "total": 6}
    assert found.exit_code == 0


def test_a_word_that_is_no_size_in_a_dcsa_event_counts_no_teu() -> None:
    found = case("size-null.json")

    assert (found.summary["moves"], found.summary["teu"]) == (1, 0)
    assert found.summary["flagged"] == {"unknown_size": 1, "total": 1}
    (flag,) = found.items("flagged")
    assert "'N/A' is no size-type code" in flag["message"]
    assert "sizes" in flag["message"]


def test_45_ft_counts_two_and_a_quarter_in_any_spelling() -> None:
    found = case("size-45.csv")

    assert (found.summary["moves"], found.summary["teu"]) == (5, 11.25)  # 5 × 2.25
    assert found.summary["flagged"] == {"total": 0}


EDI = """UNB+UNOA:2+QTTERM+LINEOP+260305:0915+A1'
UNH+1+COARRI:D:95B:UN:ITG13'
BGM+44+D1+9'
TDT+20+031E+1++ABC:172:20+++9412345:146::RIVER PEARL'
LOC+165+CNNTG:139:6+NTQT1:TER:ZZZ'
EQD+CN+ZZQU0000014+{}:102:5++3+5'
DTM+203:202603050212:203'
CNT+16:1'
UNT+7+1'
UNZ+1+A1'
"""
CSV = """move,time,terminal,container,size
DISC,2026-03-05T02:12:00+08:00,NTQT1,ZZQU0000014,{}
"""
DCSA = (
    '[{{"eventID": "1", "eventType": "EQUIPMENT", "eventClassifierCode": "ACT",'
    ' "equipmentEventTypeCode": "DISC", "eventDateTime": "2026-03-05T02:12:00+08:00",'
    ' "equipmentReference": "ZZQU0000014", "ISOEquipmentCode": "{}",'
    ' "eventLocation": {{"facilityCode": "NTQT1"}}}}]'
)
FORMS = pytest.mark.parametrize(("form", "ending"), [(EDI, "edi"), (CSV, "csv"), (DCSA, "json")])


Reader = Callable[..., Imported]


@pytest.fixture
def read(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Imports one file of a form with a size in it."""

    def reader(form: str, ending: str, size: str, toml: str = TOML) -> Imported:
        path = tmp_path_factory.mktemp("in") / f"x.{ending}"
        path.write_text(form.format(size), encoding="utf-8")
        book = read_book(toml, "book.toml")
        return imported([path], ReadingTerms(book, book.partner[0]), book=book)

    return reader


@FORMS
@pytest.mark.parametrize(
    ("size", "teu"),
    [
        *(("20GP", 1), ("20RF", 1), ("22G1", 1), ("40HC", 2), ("40RF", 2), ("4310", 2)),
        *(("45G1", 2), ("45HC", 2.25), ("45 HQ", 2.25), ("L5G1", 2.25), ("53HC", 2.65)),
    ],
)
def test_every_form_of_file_reads_the_same_sizes(
    read: Reader, form: str, ending: str, size: str, teu: float
) -> None:
    found = read(form, ending, size)

    assert (found.summary["moves"], found.summary["teu"]) == (1, teu)
    assert found.summary["flagged"]["total"] == 0


@FORMS
@pytest.mark.parametrize("size", ["N/A", "NULL", "LCL", "9510", "CNTR", "45RF", "EMPTY"])
def test_no_form_of_file_takes_another_word_for_a_size(
    read: Reader, form: str, ending: str, size: str
) -> None:
    found = read(form, ending, size)

    assert (found.summary["moves"], found.summary["teu"]) == (1, 0)
    assert found.summary["flagged"] == {"unknown_size": 1, "total": 1}


@FORMS
@pytest.mark.parametrize(
    ("size", "teu"), [("9510", 2.25), ("CNTR", 2), ("cntr", 2), ("45", 2.25), ("22G1", 1)]
)
def test_a_profile_names_the_sizes_of_a_sender(
    read: Reader, form: str, ending: str, size: str, teu: float
) -> None:
    toml = TOML + 'sizes = { "9510" = "L5G1", "CNTR" = "42G1", "45" = "45HC" }\n'

    found = read(form, ending, size, toml)

    assert (found.summary["moves"], found.summary["teu"]) == (1, teu)


def test_a_column_of_sizes_has_feet_where_a_code_has_its_first_half(read: Reader) -> None:
    assert read(CSV, "csv", "45").summary["teu"] == 2.25
    assert read(DCSA, "json", "45").summary["flagged"]["unknown_size"] == 1


def test_a_profile_with_a_size_that_is_none_is_refused() -> None:
    toml = TOML + 'sizes = { "9510" = "45" }\n'

    with pytest.raises(Misconfigured, match=r"partner qitong: sizes.9510 is '45', expected"):
        read_book(toml, "book.toml")


def test_a_size_that_is_missing_is_named_so(read: Reader) -> None:
    (flag,) = read(CSV, "csv", "").items("flagged")

    assert "ZZQU0000014: the size is missing; the move counts" in flag["message"]


def test_full_width_forms_are_read_in_the_file_and_in_the_profile(tmp_path: Path) -> None:
    book = read_book(f'{TOML}sizes = {{ "９５１０" = "L5G1" }}\n', "book.toml")
    path = tmp_path / "s.json"
    path.write_text((CASES / "size-null.json").read_text().replace("N/A", "9５10"))

    found = imported([path], ReadingTerms(book, partner=book.partner[0]), book=book)

    assert found.summary["teu"] == 2.25


def test_a_word_that_a_profile_maps_twice_is_refused() -> None:
    with pytest.raises(Misconfigured, match="'GP20' appears 2 times"):
        read_book(f'{TOML}sizes = {{ "GP20" = "22G1", "gp20" = "45G1" }}\n', "book.toml")
