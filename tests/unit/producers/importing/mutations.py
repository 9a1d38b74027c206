"""Files cut, joined and flipped anywhere, and whether every byte of them is accounted for.

`python -m tests.unit.producers.importing.mutations --minutes 10 --seed 1` tries them for longer
than the unit tests do.
"""

import json
import re
import time
from collections import Counter
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import click

from producers.edifact import envelope, reader
from producers.edifact.codes import OTHER_EQUIPMENT, OTHER_MESSAGES
from producers.edifact.message_parts import EquipmentGroup, MessageHead, UnreadableBytes
from producers.edifact.syntax import StrayBytes, StrayKind, segments
from producers.reading.json_stream import Element, elements
from producers.reading.outcome import Accepted, File, Form, Refused, Skipped
from tests.unit.producers.dcsa.test_equipment_events import FLAT
from tests.unit.producers.edifact.sequences import Message
from tests.unit.producers.imported import BOOK, Imported, imported, terms

ENVELOPE = ("UNB", "UNH", "UNT", "UNZ", "UNG", "UNE", "CNT")
"""Segments that belong to no record: separators with a name."""
PIECES = (
    *(bytes([c]) for c in b"'+?:\n\r\0\",;{}[]x0"),
    *(b"UNA:+.? '", b"UNB+", b"UNH+", b"UNT+", b"UNZ+", b"EQD+CN", b"EQD", b"CNT+16:9'", b"null"),
    *(b"\xff", b"\xef\xbb\xbf", b"}{", b"][", b'""', b"?'", b"-1", b"1e999", b"\r\n"),
)


def boxes(first: int, count: int) -> list[str]:
    """Made-up container numbers, no two alike."""
    return [f"ZZQU{n:07}" for n in range(first, first + count)]


def edifact(seed: int) -> bytes:
    """Three interchanges of boxes in several messages, one of them a stowage plan."""
    random, files = Random(seed), []
    for n in range(3):
        messages = [
            Message(document=f"D{n}{m}", container=box).text().split("'", 1)[1].rsplit("UNZ", 1)[0]
            for m, box in enumerate(boxes(seed * 100 + n * 10, random.randint(1, 4)))
        ]
        if n == 1:
            messages.append("UNH+9+BAPLIE:D:95B:UN'LOC+147+0010101'UNT+3+9'")
        files.append(
            f"UNB+UNOA:2+EASTTERM+PORT+260305:0915+R{n}'\n{chr(10).join(messages)}"
            f"UNZ+{len(messages)}+R{n}'\n"
        )
    return "".join(files).encode()


def dcsa(seed: int) -> bytes:
    """A list of events, each known by three words of its own."""
    return json.dumps(
        [
            FLAT
            | {
                "eventID": f"id-{box}",
                "equipmentReference": box,
                "transportCall": {"facilityCode": "EAST", "exportVoyageNumber": f"voyage-{box}"},
            }
            for box in boxes(seed * 100, 5)
        ],
        indent=1 if seed % 2 else None,
    ).encode()


def moves(seed: int) -> bytes:
    """A table of moves, each known by three words of its own."""
    lines = ["move,time,terminal,container,size,id,voyage"]
    for n, box in enumerate(boxes(seed * 100, 5)):
        quoted = f'"id-{box}"' if n % 2 else f"id-{box}"
        lines.append(f"LOAD,2026-03-01T08:0{n}:00+08:00,THE,{box},22G1,{quoted},voyage-{box}")
    return "\r\n".join(lines).encode()


MAKERS = {Form.EDIFACT: edifact, Form.DCSA: dcsa, Form.MOVES: moves}


def damaged(raw: bytes, random: Random) -> bytes:
    """The file cut, joined with a part of itself, or changed in one to four places."""
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(raw) + 1)
        match random.randrange(5):
            case 0:
                raw = raw[:at]
            case 1:
                raw = raw[:at] + raw[random.randrange(len(raw) + 1) :]
            case 2:
                raw = raw[:at] + bytes([random.randrange(256)]) + raw[at + 1 :]
            case 3:
                raw = raw[:at] + random.choice(PIECES) + raw[at + random.randint(0, 3) :]
            case _:
                raw = raw[:at] + raw[at + random.randint(1, 30) :]
    return raw


def check(form: Form, raw: bytes, folder: Path) -> None:
    """Let a file pass of which every byte is accounted for."""
    path = folder / "damaged"
    path.write_bytes(raw)
    for chosen in (form, None):
        done = imported([path], terms(partner=BOOK.partner[0]), chosen)
        _every_refusal_is_kept(done)
        if form is not Form.EDIFACT:
            _words_are_found(raw, done)
    if form is Form.EDIFACT:
        _segments_are_found(raw)


def _every_refusal_is_kept(done: Imported) -> None:
    refused = [item for item in done.items("rejected") if item["reason"] not in AT_THE_WORKER]
    empty = [item for item in refused if item["message"].startswith(WITHOUT_BYTES)]
    assert len(done.letters) >= len(refused)
    without = sum(not letter.value for letter in done.letters)
    assert without <= len(empty), done.items("rejected")
    assert done.exit_code or not refused


WITHOUT_BYTES = (
    "the file is empty",
    "the file ends before this list does",
    "read as edifact, the file holds no record",
)
"""What is missing has no bytes."""
AT_THE_WORKER = ("future_time", "too_old", "conflict", "unknown_terminal")
"""Reasons for which the worker keeps the event; the import foretells them."""


def _words_are_found(raw: bytes, done: Imported) -> None:
    """Each record is known by three words: one of those left is in an event or a dead letter."""
    if any("not read: " in item["message"] for item in done.items("warning")):
        return  # the header is damaged; words in columns that nobody reads are in counted rows
    if done.summary["skipped"].get("other_event"):
        return  # an eventType that is damaged makes an event of another kind, which is skipped
    kept = b"\n".join(
        [str(event).encode() for event in done.events]
        + [letter.value or b"" for letter in done.letters]
    )
    found = [one for one in elements(BytesIO(raw)) if isinstance(one, Element)]
    merged = b"".join(one.raw for one in found if _holds_a_key_twice(one))
    merged += b"".join(word for one in found for word in UNREAD_WORD.findall(one.raw))
    if done.summary["skipped"].get("repeat"):
        # A row that says a move again is not sent: another of its words is in the first one.
        lines = raw.splitlines()
        merged += b"".join(line for line in lines if any(w in kept for w in BOX.findall(line)))
    for start in (b"id-ZZQU", b"voyage-ZZQU"):
        for part in raw.split(start)[1:]:
            box = b"ZZQU" + part[:7]
            if len(part) >= 7 and part[:7].isdigit():
                assert box in kept or box in merged, box


def _holds_a_key_twice(found: Element) -> bool:
    """Two events that a cut made one: its keys stand twice, and the last of each counts."""
    return any(found.raw.count(key) > 1 for key in KEYS)


KEYS = (b'"eventID"', b'"equipmentReference"', b'"exportVoyageNumber"')
BOX = re.compile(rb"ZZQU[0-9]{7}")
UNREAD_WORD = re.compile(
    rb'"(?!(?:eventID|equipmentReference|exportVoyageNumber)")[^"]*"\s*:\s*"((?:id|voyage)-ZZQU[0-9]{7})"'
)
"""A word under a key that is damaged: DCSA allows further fields, so nobody reads it.

It belongs to its event, which has an outcome of its own.
"""


def _segments_are_found(raw: bytes) -> None:
    """Each segment is in a head or a group that has one outcome, or in what is refused."""
    met = list(segments(BytesIO(raw)))
    found = list(envelope.parts(BytesIO(raw)))
    heads = [part for part in found if isinstance(part, MessageHead)]
    groups = [part for part in found if isinstance(part, EquipmentGroup)]
    lost = b"\n".join(part.original for part in found if isinstance(part, UnreadableBytes))
    held = {s.number for part in heads for s in part.segments}
    held |= {s.number for part in groups for s in part.segments}
    skipping = False
    for one in met:
        if isinstance(one, StrayBytes):
            assert one.kind is StrayKind.OUTSIDE or one.raw in lost
            continue
        if one.tag == "UNH":
            skipping = one.get(1).upper() in OTHER_MESSAGES
        elif one.tag in ("UNT", "UNZ", "UNB"):
            skipping = False
        assert one.tag in ENVELOPE or skipping or one.number in held or one.raw in lost, one.raw
    _groups_have_outcomes(raw, groups)


def _groups_have_outcomes(raw: bytes, groups: list[EquipmentGroup]) -> None:
    outcomes = list(reader.read(File("x", BytesIO(raw), 0.0), terms(partner=BOOK.partner[0])))
    at = Counter(o.at for o in outcomes if isinstance(o, Accepted))
    at.update(o.at for o in outcomes if isinstance(o, Skipped))
    refused = [o.original for o in outcomes if isinstance(o, Refused)]
    for group in groups:
        if group.segments[0].get(0).upper() in OTHER_EQUIPMENT or at[group.at]:
            continue
        assert any(all(s.raw in one for s in group.segments) for one in refused), group.at


@click.command()
@click.option("--minutes", default=10.0)
@click.option("--seed", default=1)
def main(minutes: float, seed: int) -> None:
    """Try damaged files; fails at the first byte that is lost, and says which file it was."""
    random, ends, tried = Random(seed), time.monotonic() + 60 * minutes, Counter[str]()
    with TemporaryDirectory() as folder:
        while time.monotonic() < ends:
            form = random.choice(list(MAKERS))
            raw = damaged(MAKERS[form](random.randrange(1000)), random)
            if random.random() < 0.2:  # files joined by cat
                raw += damaged(MAKERS[form](random.randrange(1000)), random)
            try:
                check(form, raw, Path(folder))
            except BaseException:
                click.echo(f"{form}: {raw!r}")
                raise
            tried[form] += 1
    click.echo(f"{sum(tried.values()):,} damaged files, nothing lost: {dict(tried)}")


if __name__ == "__main__":
    main()
