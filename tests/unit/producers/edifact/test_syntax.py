"""EDIFACT's syntax: what is cut into which segments, by hand."""

import io
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract.errors import Reason, Rejected
from producers.edifact.syntax import MAX_SEGMENT_BYTES, Segment, StrayBytes, segments

UNB = "UNB+UNOA:1+A+B+260101:1200+1'"


def cut(text: str | bytes) -> list[tuple[str, list[list[str]]] | str]:
    raw = text.encode("latin-1") if isinstance(text, str) else text
    return [
        (found.tag, found.elements) if isinstance(found, Segment) else found.message
        for found in segments(io.BytesIO(raw))
    ]


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


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("UNA::.? '" + UNB, Reason.BAD_SYNTAX),
        ("UNA:+", Reason.BAD_SYNTAX),
        (UNB + "FTX+" + "x" * (2 * MAX_SEGMENT_BYTES), Reason.TOO_LARGE),
        ("x" * (2 << 20), Reason.BAD_SYNTAX),
    ],
    ids=["one mark twice", "UNA cut", "no end", "no UNB"],
)
def test_what_cannot_be_cut_is_refused(text: str, reason: Reason) -> None:
    with pytest.raises(Rejected) as refused:
        cut(text)

    assert refused.value.reason is reason


@settings(deadline=None)
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


class Slow(io.RawIOBase):
    """A stream that gives a few bytes at a time."""

    def __init__(self, raw: bytes, step: int) -> None:
        self.rest = io.BytesIO(raw)
        self.step = step

    def read(self, size: int = -1, /) -> bytes:
        return self.rest.read(self.step)


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_the_size_of_chunks_changes_nothing(step: int) -> None:
    raw = (
        b"\x02junk UNA:*.? 'UNB*UNOA:1*A*B*260101:1200*1'FTX*a?'b'\r\nUNZ*0*1'\n more "
        + UNB.encode()
        + b"EQD+CN"
    )

    def messages(found: list[Segment | StrayBytes]) -> list[object]:
        return [(s.tag, s.elements) if isinstance(s, Segment) else s.cut for s in found]

    whole = messages(list(segments(io.BytesIO(raw))))

    assert messages(list(segments(Slow(raw, step)))) == whole
    assert [s if isinstance(s, bool) else s[0] for s in whole] == [  # type: ignore[index]
        False,
        "UNB",
        "FTX",
        "UNZ",
        False,
        "UNB",
        True,
    ]
