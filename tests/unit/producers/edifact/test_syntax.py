"""EDIFACT's syntax: what is cut into which segments, by hand."""

import io
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract.errors import Reason
from producers.edifact.segment import Segment
from producers.edifact.syntax import (
    MAX_SEGMENT_BYTES,
    MAX_STRAY_BYTES,
    StrayBytes,
    StrayKind,
    segments,
)
from producers.reading.outcome import ORIGINAL_BYTES

UNB = "UNB+UNOA:1+A+B+260101:1200+1'"


def cut(text: str | bytes) -> list[tuple[str, list[list[str]]] | str]:
    raw = text.encode("latin-1") if isinstance(text, str) else text
    return [
        (found.tag, found.elements) if isinstance(found, Segment) else found.message
        for found in segments(io.BytesIO(raw))
    ]


BETWEEN = rb".?(?:[\s\0\x1a]|\xef\xbb\xbf|UNA[^\w\s]{4}.[^\w\s])*"
"""What may stand between two segments: a terminator, blanks, a UNA."""


class Slow(io.RawIOBase):
    """A stream that gives a few bytes at a time."""

    def __init__(self, raw: bytes, step: int) -> None:
        self.rest = io.BytesIO(raw)
        self.step = step

    def read(self, size: int = -1, /) -> bytes:
        return self.rest.read(self.step)


UNB_CUT = ("UNB", [["UNOA", "1"], ["A"], ["B"], ["260101", "1200"], ["1"]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (UNB, [UNB_CUT]),
        ("UNA:+.? '" + UNB, [UNB_CUT]),
        ("UNA:+.? '\r\n" + UNB, [UNB_CUT]),
        ("UNA|*.!~#UNB*UNOA|1*A*B*260101|1200*1#", [UNB_CUT]),
        # a blank as release character: there is none
        ("UNA:+.  '" + UNB + "FTX+a?'", [UNB_CUT, ("FTX", [["a?"]])]),
        (UNB + "\r\nFTX+it?'s 1 ?+ 1 b??'\n", [UNB_CUT, ("FTX", [["it's 1 + 1 b?"]])]),
        (UNB + "FTX+a?:b:c'", [UNB_CUT, ("FTX", [["a:b", "c"]])]),
        (UNB + "FTX+hel\r\nlo'", [UNB_CUT, ("FTX", [["hello"]])]),
        # lines wrapped between a release character and what it releases
        (UNB + "FTX+a?\r\n'b'", [UNB_CUT, ("FTX", [["a'b"]])]),
        (UNB + "FTX+Køb'", [UNB_CUT, ("FTX", [["Køb"]])]),
        (UNB + "EQD+CN++22G1:102:5'", [UNB_CUT, ("EQD", [["CN"], [""], ["22G1", "102", "5"]])]),
        # two interchanges, the second with marks of its own, a third without any
        (
            UNB + "UNZ+0+1'\nUNA:*.? 'UNB*UNOA:1*A*B*260101:1200*1'UNZ*0*1'" + UNB,
            [UNB_CUT, ("UNZ", [["0"], ["1"]])] * 2 + [UNB_CUT],
        ),
        # the first lacks its UNZ
        (UNB + "UNA:*.? 'UNB*UNOA:1*A*B*260101:1200*1'", [UNB_CUT, UNB_CUT]),
        ("\x02junk " + UNB, [r"6 bytes outside any interchange: '\x02junk '", UNB_CUT]),
        (UNB + "UNZ+0+1'\r\n\x1a", [UNB_CUT, ("UNZ", [["0"], ["1"]])]),
        (
            UNB + "EQD+CN+AB",
            [UNB_CUT, "the file ends in the middle of a segment, so it was cut; send it whole"],
        ),
        ("ï»¿" + UNB, [UNB_CUT]),  # UTF-8's signature, read as Latin-1
        # level B's separators, for which no UNA is needed
        ("UNB\x1dUNOA\x1f1\x1dA\x1dB\x1d260101\x1f1200\x1d1\x1c", [UNB_CUT]),
        (
            "UNB+UNOA:1+A\nUNH+1\n",
            [
                'no "\'" ends the first segment; if another character ends segments, '
                "a UNA must name it",
            ],
        ),
        ("", []),
        ("  \r\n ", []),
    ],
)
def test_bytes_are_cut_as_the_standard_says(text: str, expected: list[object]) -> None:
    assert cut(text) == expected


def test_utf_8_is_read_where_it_is_and_latin_1_elsewhere() -> None:
    assert cut((UNB + "FTX+海门'").encode())[1] == ("FTX", [["海门"]])


def test_segments_are_numbered_through_the_file() -> None:
    found = list(segments(io.BytesIO((UNB + "UNZ+0+1'" + UNB).encode())))

    assert [s.at for s in found if isinstance(s, Segment)] == [
        "segment 1 (UNB)",
        "segment 2 (UNZ)",
        "segment 3 (UNB)",
    ]


def strays(text: str) -> list[StrayBytes]:
    found = segments(io.BytesIO(text.encode("latin-1")))
    return [one for one in found if isinstance(one, StrayBytes)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("UNA::.? '" + UNB, "does not name six characters"),
        ("UNA:+", "does not name six characters"),
        ("UNX+UNOA:1+A+B+260101:1200+1'" + UNB, "outside any interchange"),
    ],
    ids=["one delimiter twice", "UNA cut", "UNB damaged"],
)
def test_a_damaged_start_is_kept_and_what_follows_is_read(text: str, says: str) -> None:
    (stray,) = strays(text)

    assert stray.kind is StrayKind.DAMAGED
    assert says in stray.message
    assert text.startswith(stray.raw.decode())
    assert (UNB not in text) or cut(text)[-1] == UNB_CUT


def test_a_segment_without_end_is_kept_and_the_next_interchange_is_read() -> None:
    text = UNB + "FTX+" + "x" * (2 * MAX_SEGMENT_BYTES) + "\n" + UNB

    lost, more = strays(text)

    assert lost.reason is Reason.TOO_LARGE
    assert (lost.kind, more.kind) == (StrayKind.CUT, StrayKind.DAMAGED)
    assert (lost.raw + more.raw).decode() == text[len(UNB) : -len(UNB)]
    assert cut(text)[-1] == UNB_CUT


def test_what_holds_no_interchange_is_kept_up_to_a_limit_and_then_given_up() -> None:
    stream = io.BytesIO(b"x" * (MAX_STRAY_BYTES + (4 << 20)))

    found = list(segments(stream))

    assert isinstance(found[-1], StrayBytes)
    assert found[-1].reason is Reason.TOO_LARGE
    assert "the rest of the file is not read" in found[-1].message
    assert sum(len(one.raw) for one in found) >= MAX_STRAY_BYTES
    assert max(len(one.raw) for one in found) <= ORIGINAL_BYTES


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        # UNZ, UNT or another segment without its terminator, and the next one behind it
        (UNB + "UNZ+0+1\n" + UNB, ["UNB", "UNZ", "UNB"]),
        (UNB + "UNZ+0+1UNA:*.? 'UNB*UNOA:1*A'", ["UNB", "UNZ", "UNB"]),
        (
            UNB + "UNH+1+COARRI:D:95B:UN'UNT+2+1\nUNH+2+COARRI:D:95B:UN'",
            ["UNB", "UNH", "UNT", "UNH"],
        ),
        (UNB + "FTX+AAI\n" + UNB, ["UNB", "UNB"]),
        # within a text they are released, or no start of anything
        (UNB + "FTX+UNB?+UNOA?:2?+X'", ["UNB", "FTX"]),
        (UNB + "FTX+X UNB+UNOA'", ["UNB", "FTX"]),
        # a message without an interchange
        ("UNH+1+COARRI:D:95B:UN'BGM+44'", ["UNH", "BGM"]),
    ],
)
def test_a_lost_terminator_costs_its_own_segment(text: str, tags: list[str]) -> None:
    assert [found[0] for found in cut(text) if not isinstance(found, str)] == tags


PIECES = st.sampled_from(
    [
        *"'+?: \n\r\0x",
        *("UNA:+.? '", "UNA:*.? '", UNB, "UNZ+1+1'", "UNB", "UNH+1+COARRI:D:95B:UN'"),
        *("UNT+3+1'", "EQD+CN+A'", "FTX+AAI+++a?'b'", "UNOA", "\xef\xbb\xbf", "~#"),
        "UNH+1+COARRI",
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=12), st.integers(1, 99))
def test_every_byte_is_in_a_segment_or_a_stray_or_is_a_blank_or_a_una(
    pieces: list[str], step: int
) -> None:
    raw = "".join(pieces).encode("latin-1")
    pattern = b""
    for found in segments(Slow(raw, step)):
        pattern += BETWEEN + re.escape(found.raw)
    assert re.fullmatch(pattern + BETWEEN, raw, re.DOTALL)


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=9),
            min_size=1,
        )
    )
)
@example([["?", "'"], ["+:"]])
def test_what_was_released_comes_back(elements: list[list[str]]) -> None:
    def written(text: str) -> str:
        return re.sub(r"([?:+'])", r"?\1", text)

    text = "FTX" + "".join("+" + ":".join(map(written, element)) for element in elements) + "'"

    found = cut((UNB + text).encode())

    assert found[1] == ("FTX", elements)


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_the_size_of_chunks_changes_nothing(step: int) -> None:
    raw = (
        b"\x02junk UNA:*.? 'UNB*UNOA:1*A*B*260101:1200*1'FTX*a?'b'\r\nUNZ*0*1'\n more "
        + UNB.encode()
        + b"EQD+CN"
    )

    def messages(found: list[Segment | StrayBytes]) -> list[object]:
        return [(s.tag, s.elements) if isinstance(s, Segment) else s.kind for s in found]

    whole = messages(list(segments(io.BytesIO(raw))))

    assert messages(list(segments(Slow(raw, step)))) == whole
    assert [s if isinstance(s, StrayKind) else s[0] for s in whole] == [  # type: ignore[index]
        StrayKind.OUTSIDE,
        "UNB",
        "FTX",
        "UNZ",
        StrayKind.OUTSIDE,
        "UNB",
        StrayKind.CUT,
    ]
