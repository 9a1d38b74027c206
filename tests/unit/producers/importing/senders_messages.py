"""COARRI and CODECO as real senders write them, with what the rules give by hand.

TEU are in hundredths: 20 ft is 100, 40 ft 200, 45 ft 225, 48 ft 240, 53 ft 265, and a gate move or
a restow has none.  Groups are those of the summary; one that is not named is empty.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from tests.unit.producers.edifact.sequences import Message

A, B = "CSQU3054383", "APZU4812090"  # valid numbers: their check digits are 3 and 0
NONE: Mapping[str, int] = MappingProxyType({})


class SendersFile(NamedTuple):
    """Files that are imported together, and what they come to."""

    title: str
    files: Sequence[str | bytes]
    moves: int
    hundredths: int
    groups: Mapping[str, int] = NONE
    """Word of a group, such as `repeat` -> number of records."""
    by_year: Mapping[str, float] = NONE
    amended: int = 0
    retracted: int = 0
    warnings: int = 0


def report(*segments: str, code: str = "44", kind: str = "COARRI", tail: str = "") -> str:
    """An interchange of one message with these groups, its counts right."""
    body = (
        f"UNH+1+{kind}:D:95B:UN:SMDG20'BGM+{code}+R77+9'"
        "TDT+20+031E+1++ABC:172:20+++9412345:146::PEARL'"
        f"LOC+165+CNNTG:139:6+ETCT:TER:ZZZ'{''.join(segments)}"
    )
    return (
        f"UNB+UNOA:2+EASTTERM+PORT+260305:0915+R1'{body}"
        f"UNT+{body.count(chr(39)) + 1}+1'UNZ+1+R1'{tail}"
    )


def box(
    number: str = A,
    size: str = "22G1",
    status: str = "",
    at: str = "203:202603050212:203",
    more: str = "",
) -> str:
    """An equipment group: a full container."""
    return f"EQD+CN+{number}+{size}:102:5++{status}+5'DTM+{at}'{more}"


FIRST = Message()
EDIFACT = (
    SendersFile("codes in small letters", [report(box(A.lower(), "22g1", "3"))], 1, 100),
    SendersFile("a number in parts", [report(box("CSQU 305438-3"))], 1, 100),
    SendersFile("no size", [report(box(size=""))], 1, 0, {"unknown_size": 1}),
    SendersFile("a restow", [report(box(status="5"))], 1, 0),
    SendersFile("shortlanded", [report(box(status="7"))], 0, 0, {"shortlanded": 1}),
    SendersFile("overlanded", [report(box(status="8"))], 1, 100),
    SendersFile("remains on board", [report(box(status="4"))], 0, 0, {"remain_on_board": 1}),
    SendersFile(
        "both lifts of a transhipment",
        [report(box(size="45G1", status="6")), report(box(size="45G1", status="6"), code="46")],
        2,
        400,
    ),
    SendersFile(
        "an instant in UTC on the last evening of the year",
        [report(box(at="203:202512311600?+0000:205"))],
        1,
        100,
        by_year={"2026": 1.0},  # 00:00 on 1 January in Shanghai
    ),
    SendersFile(
        "a local time on the last evening of the year",
        [report(box(at="203:202512312359:203"))],
        1,
        100,
        by_year={"2025": 1.0},
    ),
    SendersFile(
        "one lift told with and without seconds",
        [report(box(at="203:202603050212:203")), report(box(at="203:20260305021230:204"))],
        1,
        100,
        {"repeat": 1},
    ),
    SendersFile(
        "a chassis between two containers",
        [report(box(), "EQD+CH+TRLR001'", box(B, "45G1"))],
        2,
        300,
        {"other_equipment": 1},
    ),
    SendersFile(
        "a gate in and a gate out of one box",
        [
            FIRST._replace(move="GTIN").text(),
            FIRST._replace(move="GTOT", at="202603071000", prepared="260307:1100").text(),
        ],
        2,
        0,
    ),
    SendersFile(
        "a deletion",
        [FIRST.text(), FIRST._replace(function="3", prepared="260305:1000").text()],
        0,
        0,
        retracted=1,
    ),
    SendersFile(
        "a replacement of another size",
        [FIRST.text(), FIRST._replace(function="5", size="45G1", prepared="260305:1000").text()],
        1,
        200,
        amended=1,
    ),
    SendersFile("terminators twice", [report(box()).replace("'DTM", "''DTM")], 1, 100),
    SendersFile("the end mark of DOS", [report(box(), tail="\r\n\x1a")], 1, 100),
    SendersFile(
        "syntax 3 with a year of four digits",
        [report(box()).replace("UNOA:2", "UNOC:3").replace("260305:0915", "20260305:0915")],
        1,
        100,
    ),
    SendersFile(
        "a functional group",
        [
            report(box())
            .replace("'UNH", "'UNG+COARRI+EASTTERM+PORT+260305:0915+1+UN+D:95B'UNH")
            .replace("'UNZ", "'UNE+1+1'UNZ")
        ],
        1,
        100,
    ),
    SendersFile(
        "long containers",
        [
            report(
                box(A, "L5G1"),
                box(B, "45G1"),
                box("MSCU0000012", "P5G1"),
                box("MSCU0000030", "M5G1"),
            )
        ],
        4,
        930,  # 225 + 200 + 265 + 240
        {"check_digit": 1},
    ),
    SendersFile(
        "two terminals in one message",
        [
            report(
                box(more="LOC+165+CNNTG:139:6+ETCT:TER:ZZZ'"),
                box(B, more="LOC+165+CNNTG:139:6+THC:TER:ZZZ'"),
            )
        ],
        2,
        200,
    ),
    SendersFile("feet for a size", [report(box(size="40HC"))], 1, 200),
    SendersFile(
        "a slash in a number", [report(box("CSQU305438/3"))], 1, 100, {"not_an_iso_number": 1}
    ),
    SendersFile(
        "one box twice in a message, at two times",
        [report(box(), box(at="203:202603050812:203"))],
        1,
        100,
        {"conflict": 1},
    ),
    SendersFile(
        "other document codes", [report(box(), code="98"), report(box(B), code="270")], 2, 200
    ),
    SendersFile(
        "the time in the header",
        [report("DTM+203:202603050212:203'", f"EQD+CN+{A}+22G1:102:5+++5'")],
        1,
        100,
    ),
    SendersFile("the hour 24", [report(box(at="203:202603052400:203"))], 0, 0, {"bad_value": 1}),
    SendersFile("a barge", [report(box()).replace("031E+1+", "031E+8+")], 1, 100),
    SendersFile(
        "a lift from the road",
        [report(box()).replace("031E+1+", "031E+3+")],
        0,
        0,
        {"not_by_water": 1},
    ),
    SendersFile(
        "two boxes without numbers",
        [report(box(""), box("", "45G1"))],
        2,
        300,
        {"no_container_number": 2},
    ),
    SendersFile("lines as segments", [("UNA:+.? \n" + report(box())).replace("'", "\n")], 1, 100),
    SendersFile(
        "a test", [report(box()).replace("0915+R1'", "0915+R1++++++1'")], 1, 100, warnings=1
    ),
)
