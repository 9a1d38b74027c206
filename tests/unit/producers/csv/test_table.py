"""CSV as programs leave it; the rows that must come out are counted by hand."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import Reason, Rejected
from producers.csv.table import CsvRow, CsvTable, header_rows
from producers.reading.outcome import Refused, Warned

HEADER = "move,time,terminal,vessel\n"


def table(text: str | bytes) -> CsvTable:
    raw = text if isinstance(text, bytes) else text.encode()
    return CsvTable(io.BytesIO(raw), lambda header: "move" in header)


def rows(text: str | bytes) -> list[CsvRow | Refused | Warned]:
    return list(table(text).rows())


def lines_of(found: list[CsvRow | Refused | Warned]) -> list[int]:
    """The lines of rows that were read."""
    return [row.line for row in found if isinstance(row, CsvRow)]


def refused(found: list[CsvRow | Refused | Warned]) -> list[Refused]:
    return [row for row in found if isinstance(row, Refused)]


def test_a_quote_that_is_never_closed_costs_its_line_alone() -> None:
    found = rows(HEADER + 'LOAD,1,A,"RIVER\nLOAD,2,A,x\nLOAD,3,A,y\n')

    assert lines_of(found) == [3, 4]
    (broken,) = refused(found)
    assert (broken.at, broken.reason) == ("line 2", Reason.BAD_SYNTAX)
    assert broken.original == (HEADER + 'LOAD,1,A,"RIVER\n').encode()


def test_a_quote_closed_by_a_later_row_swallows_none_between() -> None:
    # the quote of line 2 is closed at the end of line 4, so that three rows look like one
    found = rows(HEADER + 'LOAD,1,A,"RIVER\nLOAD,2,A,x\nLOAD,3,A,y"\nLOAD,4,A,z\n')

    assert lines_of(found) == [3, 4, 5]
    assert [one.at for one in refused(found)] == ["line 2"]


def test_two_rows_with_an_open_quote_cost_two_rows() -> None:
    found = rows(HEADER + 'LOAD,1,A,"RIVER\nLOAD,2,A,x\nLOAD,3,A,"SEA\nLOAD,4,A,z\n')

    assert lines_of(found) == [3, 5]
    assert [one.at for one in refused(found)] == ["line 2", "line 4"]


def test_a_cell_of_several_lines_is_one_cell() -> None:
    (row,) = rows(HEADER + 'LOAD,1,A,"RIVER\nPEARL, of ""Nantong"""\n')

    assert isinstance(row, CsvRow)
    assert row.cells["vessel"] == 'RIVER\nPEARL, of "Nantong"'


def test_a_header_cell_of_two_lines_is_one_name() -> None:
    found = table('move,"vessel\n(name)"\nLOAD,x\n')

    assert found.header == ["move", "vessel (name)"]
    assert found.at == "line 1"


def test_rows_above_the_header_are_named_and_not_read() -> None:
    found = table("通海港区作业明细表,,,\n\n2026年3月,,,\n" + HEADER + "LOAD,1,A,x\n")

    assert found.at == "line 4"
    assert [(one.at, "通海港区作业明细表" in one.message) for one in found.above] == [
        ("line 1", True),
        ("line 3", False),
    ]
    assert lines_of(list(found.rows())) == [5]


def test_a_row_above_a_header_that_no_row_is_stays_a_row() -> None:
    found = CsvTable(io.BytesIO(b"a,b\n1,2\n3,4\n"), lambda header: False)

    assert found.header == ["a", "b"]
    assert lines_of(list(found.rows())) == [2, 3]


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"'])
def test_excels_line_of_the_separator_sets_it(line: str) -> None:
    found = table(f"{line}\r\nmove;a,b;c\r\nLOAD;1,5;2\r\n")

    (row,) = found.rows()
    assert isinstance(row, CsvRow)
    assert row.cells == {"move": "LOAD", "a,b": "1,5", "c": "2"}
    assert header_rows(found.original(row)) == [["move", "a,b", "c"], ["LOAD", "1,5", "2"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(end: str) -> None:
    assert lines_of(rows(end.join(["move,time", "LOAD,1", "", "LOAD,2", ""]))) == [2, 4]


def test_a_lone_carriage_return_in_a_line_costs_its_row_alone() -> None:
    found = rows(HEADER + "LOAD,1\r,A,x\nLOAD,2,A,y\n")

    assert lines_of(found) == [3]
    assert [one.at for one in refused(found)] == ["line 2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("plain_rows", [0, 3, 4000])  # 4,000 are more than the first 64 kB
def test_the_encoding_is_that_of_the_first_line_above_ascii(
    encoding: str, plain_rows: int
) -> None:
    text = HEADER + "LOAD,2026-03-05T02,A,x\n" * plain_rows + "LOAD,1,A,长江明珠\n"

    *_, last = rows(text.encode(encoding))

    assert isinstance(last, CsvRow)
    assert last.line == plain_rows + 2
    assert last.cells["vessel"] == "长江明珠"


def test_a_damaged_byte_costs_its_row_and_not_the_encoding() -> None:
    good = "LOAD,1,A,长江明珠\n".encode()
    bad = good.replace("江".encode(), b"\xe6\xb1")
    found = rows(HEADER.encode() + bad + good + good)

    assert lines_of(found) == [3, 4]
    (broken,) = refused(found)
    assert (broken.at, broken.reason) == ("line 2", Reason.UNDECODABLE)
    assert broken.original == HEADER.encode() + bad
    assert found[1].cells["vessel"] == "长江明珠"  # type: ignore[union-attr]  # line 3 is a row


def test_a_refused_row_of_gb18030_keeps_its_bytes() -> None:
    raw = (HEADER + "LOAD,1,A,长江明珠,5,6\nLOAD,2,A,长江\n").encode("gb18030")

    (broken,) = refused(rows(raw))

    assert broken.original == raw.splitlines(keepends=True)[0] + raw.splitlines(keepends=True)[1]


def test_a_line_too_long_costs_itself_alone() -> None:
    found = rows(HEADER + "LOAD,1,A," + "x" * 600_000 + "\nLOAD,2,A,y\n")

    assert lines_of(found) == [3]
    (long,) = refused(found)
    assert (long.at, long.reason) == ("line 2", Reason.TOO_LARGE)
    # 9 + 600,000 + 1 bytes less the 262,144 that are kept
    assert "the 337866 bytes above that are in no dead letter" in long.message
    assert len(long.original) == len(HEADER) + 262_144


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(Rejected, match="the file is empty"):
        table("\n \r\n")


CELLS = st.text('ab",\n\r;\té长', max_size=5)


@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=6), st.data())
def test_every_line_is_in_a_row_or_in_a_refusal(
    written: list[list[str]], data: st.DataObject
) -> None:
    text = HEADER + "".join(",".join(cells) + "\n" for cells in written)
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(0, 3))):
        if len(raw) > len(HEADER):
            at = data.draw(st.integers(len(HEADER), len(raw) - 1))
            raw[at] = data.draw(st.integers(0, 255))

    found = table(bytes(raw))
    kept = b"".join(
        found.original(row)[len(HEADER) :]
        if isinstance(row, CsvRow)
        else row.original[len(HEADER) :]
        for row in found.rows()
        if not isinstance(row, Warned)
    )

    def substance(some: bytes) -> bytes:
        """The bytes of lines that hold something."""
        lines = some.split(b"\n")
        return b"\n".join(line for line in lines if line.strip(b'\r\t \x0b\x0c\x1c\x1d\x1e\x1f,"'))

    assert substance(kept) == substance(bytes(raw[len(HEADER) :]))
