"""COARRI and CODECO files of three senders with different habits, and what they come to.

    python -m tests.integration.support.files.three_senders FOLDER

It writes FOLDER/past, and FOLDER/new with the files of the last day.

- NORTHTOS names its terminal by LOC+165, tells each lift twice (to the operator of the ship and to
  the line, under two document numbers), and replaces one lift a day: the size was another.
- RIVERBOX writes one constant document number, names its terminal by NAD+MS alone, and cancels one
  lift a day.
- GATECO reports the gate of NORTHTOS's terminal under a code of its own and sizes as in a CSV
  file: 40HC, 20GP.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from contract.container import check_digit

PLACE = "CNNTG"
NORTH, RIVER, GATE = "NTQT1", "RVBX", "QTGATE01"  # their codes of the terminals
SIZES = {"22G1": 100, "45G1": 200, "42G1": 200, "L5G1": 225}
"""Size -> hundredths of a TEU by its length: 20, 40, 40 and 45 ft."""
WORDS = {"22G1": "20GP", "45G1": "40HC", "42G1": "40'GP", "L5G1": "45HC"}
"""Size -> the same as people write it."""
ZONE = timedelta(hours=8)  # all times in the files are China's


class Lift(NamedTuple):
    """A container over the quay or through the gate."""

    container: str
    size: str
    at: datetime
    """Local time."""
    is_in: bool
    """A discharge or gate-in, else a load or gate-out."""
    voyage: str


class Sums(NamedTuple):
    """What the files come to: moves over the quay and at the gate, and the TEU of the former."""

    quay: int
    gate: int
    hundredths: int


def write_files(folder: Path, first: date, numbers: range, lifts: int) -> Sums:
    """Write files of days, numbered from `first` on, with `lifts` moves a day and sender.

    Files are made at 01:00 of the next day and later.
    """
    quay = gate = hundredths = 0
    for number in numbers:
        day = first + timedelta(number)
        north, river, gates = (list(_lifts(letter, day, number, lifts)) for letter in "NRG")
        wrong = north[0]._replace(size="22G1")  # replaced by what it was: a 40 ft container
        north[0] = north[0]._replace(size="45G1")
        told = [wrong, *north[1:]]
        after = datetime.combine(day, time(1)) + timedelta(1)
        _north(folder / "northtos", after, told, north[0])
        _river(folder / "riverbox", after, river)
        _gate(folder / "gateco", after, gates)
        quay += len(north) + len(river) - 1
        gate += len(gates)
        hundredths += sum(SIZES[lift.size] for lift in (*north, *river[1:]))  # one is cancelled
    return Sums(quay, gate, hundredths)


def _lifts(letter: str, day: date, number: int, lifts: int) -> Iterator[Lift]:
    """Yield the lifts of a day: a voyage for each half of it, sizes in turn."""
    for index in range(lifts):
        serial = number * lifts + index
        stem = f"{'ABCDEFGHIJ'[serial // 1_000_000]}{letter}QU{serial % 1_000_000:06}"
        at = datetime.combine(day, time()) + timedelta(minutes=1 + index * 1400 // lifts)
        size = tuple(SIZES)[index % len(SIZES)]
        half = "E" if index < lifts // 2 else "W"
        yield Lift(f"{stem}{check_digit(stem)}", size, at, half == "E", f"{number:03}{half}")


def _north(folder: Path, after: datetime, told: list[Lift], replaced: Lift) -> None:
    for receiver, minutes in (("LINER", 0), ("SHIPOP", 10)):
        messages = [
            _coarri(document, code, _by_loc(NORTH), f"{receiver[0]}{after:%y%m%d}{code}", part)
            for document, code, part in _both(told, "44", "46")
        ]
        _write(folder, "NORTHTOS", receiver, after + timedelta(minutes=minutes), messages)
    document = f"L{after:%y%m%d}44"  # as it was told to the line
    text = _coarri("5", "44", _by_loc(NORTH), document, [replaced])
    _write(folder, "NORTHTOS", "LINER", after + timedelta(hours=9), [text])


def _river(folder: Path, after: datetime, lifts: list[Lift]) -> None:
    messages = [
        _coarri("9", code, f"NAD+MS+{RIVER}::ZZZ'", "DISCHARGE LOADING REPORT", part)
        for _, code, part in _both(lifts, "98", "270")
    ]
    _write(folder, "RIVERBOX", "PORT", after, messages)
    code = "98" if lifts[0].is_in else "270"
    text = _coarri("1", code, f"NAD+MS+{RIVER}::ZZZ'", "CANCELLATION", lifts[:1])
    _write(folder, "RIVERBOX", "PORT", after + timedelta(hours=10), [text])


def _gate(folder: Path, after: datetime, lifts: list[Lift]) -> None:
    messages = [
        f"UNH+%d+CODECO:D:95B:UN'BGM+{code}+G{after:%y%m%d}{code}+9'"
        f"{''.join(_box(lift, WORDS[lift.size], 7, _by_loc(GATE)) for lift in part)}"
        f"CNT+16:{len(part)}'"
        for _, code, part in _both(lifts, "34", "36")
    ]
    _write(folder, "GATECO", "PORT", after, messages)


def _both(lifts: list[Lift], code_in: str, code_out: str) -> Iterator[tuple[str, str, list[Lift]]]:
    """Yield function, document code and lifts of each direction."""
    yield "9", code_in, [lift for lift in lifts if lift.is_in]
    yield "9", code_out, [lift for lift in lifts if not lift.is_in]


def _coarri(function: str, code: str, place: str, document: str, lifts: list[Lift]) -> str:
    """Return a message without its reference and its UNT."""
    voyage = lifts[0].voyage
    boxes = "".join(_box(lift, lift.size, 203, "") for lift in lifts)
    return (
        f"UNH+%d+COARRI:D:95B:UN:SMDG16'BGM+{code}+{document}+{function}'"
        f"TDT+20+{voyage}+1++ABC:172:20+++9412345:146::RIVER PEARL'{place}"
        f"{boxes}CNT+16:{len(lifts)}'"
    )


def _by_loc(terminal: str) -> str:
    return f"LOC+165+{PLACE}:139:6+{terminal}:TER:ZZZ'"


def _box(lift: Lift, size: str, qualifier: int, place: str) -> str:
    status = "3" if lift.is_in == (qualifier == 203) else "2"
    size = size.replace("'", "?'")
    return (
        f"EQD+CN+{lift.container}+{size}:102:5++{status}+5'"
        f"DTM+{qualifier}:{lift.at:%Y%m%d%H%M}:203'{place}"
    )


def _write(folder: Path, sender: str, receiver: str, at: datetime, messages: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    reference = f"{at:%y%m%d%H%M}"
    parts = [f"UNB+UNOA:2+{sender}+{receiver}+{at:%y%m%d:%H%M}+{reference}'"]
    for number, message in enumerate(messages, 1):
        segments = message.replace("?'", "").count("'") + 1
        parts.append(f"{message.replace('%d', str(number), 1)}UNT+{segments}+{number}'")
    parts.append(f"UNZ+{len(messages)}+{reference}'")
    name = f"{sender.lower()}-{receiver.lower()}-{at:%Y%m%d%H%M}.edi"
    (folder / name).write_text("".join(parts), encoding="ascii")


def main() -> None:
    """Write the files of the days until yesterday, the last one apart; print what they come to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--lifts", type=int, default=100, help="of each sender and day")
    given = parser.parse_args()
    first = (datetime.now(UTC) + ZONE).date() - timedelta(given.days)  # noqa: TID251  # a script
    for name, numbers in (
        ("past", range(given.days - 1)),
        ("new", range(given.days - 1, given.days)),
    ):
        sums = write_files(given.folder / name, first, numbers, given.lifts)
        print(  # noqa: T201  # its answer
            f"{given.folder / name}: {sums.quay:,} moves over the quay, {sums.gate:,} at the "
            f"gate, {sums.hundredths / 100:,.2f} TEU"
        )


if __name__ == "__main__":
    main()
