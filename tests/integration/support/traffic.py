"""Generated port events in random order with every kind of fault, and the totals they must give.

The generator knows the true totals because it made the records: it keeps, for each event, the
content of the newest record.  It shares no rule with the ledger or the audit.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from contract.topics import MOVES
from contract.wire import partition_of

SOURCES = tuple(f"/tonghai/{name}" for name in ("THE", "THC", "THW", "barges", "night", "tos-2"))
TERMINALS = ("THE", "THC", "THW")
PORT = timedelta(hours=8)  # Asia/Shanghai, without a change since 1991
TEU = {"22G1": ("20", 1.0), "45G1": ("40", 2.0), "L5G1": ("45", 2.25)}
"""Size-type code -> length in feet and TEU, from DOMAIN.md section 3."""
NO_SIZE = "0000"
DIRECTION = {"LOAD": "load", "DISC": "discharge", "GTIN": "in", "GTOT": "out"}

Record = tuple[bytes, bytes, int]
"""Key, value, partition."""
Line = tuple[str, ...]
"""Series, terminal, year, and further labels in the order of their names."""


class Content(NamedTuple):
    """The content of one record of a move."""

    terminal: str
    at: datetime
    move: str
    fill: str
    size: str
    kind: str = "normal"
    counts: bool = True
    """False if the record is a plan or retracts the move itself."""


@dataclass
class Box:
    """One event: its encoded records, and the content of the newest one."""

    source: str
    name: str
    recorded: datetime
    newest: Content
    sent: list[bytes] = field(default_factory=list)
    retracted: bool = False
    """True once a retraction names its id; no later record changes that."""


class Traffic:
    """Makes chunks of records; `truth` and `refused` give the expected totals and dead letters."""

    def __init__(self, seed: int, now: datetime) -> None:
        self._rng = random.Random(seed)
        self._now = now
        self._boxes: list[Box] = []
        self._later: list[tuple[int, Record]] = []
        """(number of the chunk from which it may be sent, record)."""
        self._chunk = 0
        self._marked: list[tuple[Box, datetime, bytes]] = []
        """Conflicts and unknown sizes: dead letters unless a newer record supersedes them."""
        self._bad: set[bytes] = set()
        self.events = 0
        self.kinds: Counter[str] = Counter()
        """How many events of each kind were made."""

    def chunk(self, size: int) -> list[Record]:
        """Return the next records, including held-back records of earlier chunks that are due."""
        made: list[Record] = []
        self._chunk += 1
        known = len(self._boxes)
        while len(made) < size:
            make_records, name = self._pick(known)
            self.kinds[name] += 1
            made += make_records()
        made += self._due(self._chunk)
        self.events += len(made)
        return made

    def rest(self) -> list[Record]:
        """Return all records that are still held back."""
        made = self._due(None)
        self.events += len(made)
        return made

    def truth(self) -> dict[Line, float]:
        """Series and labels -> true value; zeros are left out."""
        sums: Counter[Line] = Counter()
        for box in self._boxes:
            if box.newest.counts and not box.retracted:
                for line, amount in _lines(box.newest):
                    sums[line] += amount  # type: ignore[assignment]  # quarters add up exactly
        return {line: float(amount) for line, amount in sums.items() if amount}

    def refused(self) -> set[bytes]:
        """Return the record values that must be in the dead-letter topic."""
        marked = {
            value
            for box, recorded, value in self._marked
            if box.recorded == recorded and not box.retracted
        }
        return self._bad | marked

    def _pick(self, known: int) -> tuple[Callable[[], list[Record]], str]:
        """Choose the next kind of record; some kinds need an event of an earlier chunk."""
        fresh = {self._new: 60, self._amended_first: 3, self._retracted_first: 2, self._spoilt: 4}
        upon = {
            self._near: 8,
            self._far: 6,
            self._amended: 8,
            self._retracted: 3,
            self._conflict: 3,
        }
        acts = fresh | upon if known > 100 else fresh
        self._known = known
        [act] = self._rng.choices(list(acts), list(acts.values()))
        return act, act.__name__.strip("_")

    def _new(self) -> list[Record]:
        return [self._record(self._open(), NO_SIZE if self._rng.random() < 0.03 else "")]

    def _near(self) -> list[Record]:
        return [self._again(self._rng.choice(self._boxes[-50:]))]

    def _far(self) -> list[Record]:
        return [self._again(self._any())]

    def _amended(self) -> list[Record]:
        box = self._any()
        self._renew(box)
        return [self._record(box)]

    def _amended_first(self) -> list[Record]:
        box = self._open()
        self._hold(self._record(box))
        self._renew(box)
        return [self._record(box)]

    def _retracted(self) -> list[Record]:
        return [self._retraction(self._any())]

    def _retracted_first(self) -> list[Record]:
        box = self._open()
        self._hold(self._record(box))
        return [self._retraction(box)]

    def _conflict(self) -> list[Record]:
        """Return a record with the same id and recordedtime and another size.

        The worker refuses it, unless a newer record of the event supersedes both.
        """
        box = self._any()
        content = box.newest
        if (
            not content.counts
            or content.size == NO_SIZE
            or any(box is one for one, *_ in self._marked)
        ):
            return []
        other = "22G1" if content.size != "22G1" else "45G1"
        value = _encoded(box, content._replace(size=other))
        self._marked.append((box, box.recorded, value))
        return [_keyed(box.source, value)]

    def _spoilt(self) -> list[Record]:
        """Return one event with a fault that is chosen at random, so that it cannot be counted."""
        box = Box(
            self._rng.choice(SOURCES),
            f"bad-{self.events}-{self._rng.random()}",
            *self._first_content(),
        )
        good = json.loads(
            _encoded(box, box.newest._replace(size="22G1", kind="normal", counts=True))
        )
        spoilt: list[object] = [
            f"\x00{box.name} not JSON",
            good | {"data": []},
            good | {"type": "port.ship.sunk.v1"},
            good | {"time": "2026-03-01T08:00:00"},
            good | {"time": "2099-01-01T00:00:00Z"},
            good | {"data": good["data"] | {"facilityCode": "ATLANTIS"}},
            {name: value for name, value in good.items() if name != "source"},
        ]
        chosen = self._rng.choice(spoilt)
        value = chosen.encode() if isinstance(chosen, str) else json.dumps(chosen).encode()
        self._bad.add(value)
        return [_keyed(box.source, value)]

    def _open(self) -> Box:
        box = Box(self._rng.choice(SOURCES), f"move-{len(self._boxes)}", *self._first_content())
        self._boxes.append(box)
        return box

    def _any(self) -> Box:
        return self._boxes[self._rng.randrange(self._known)]

    def _first_content(self) -> tuple[datetime, Content]:
        """Return the recorded time and the content of an event's first record."""
        rng = self._rng
        new_year = datetime(self._now.year, 1, 1, tzinfo=UTC) - PORT
        at = rng.choice(
            (
                self._now - timedelta(seconds=rng.randrange(3 * 86_400)),
                self._now - timedelta(seconds=rng.randrange(360 * 86_400)),
                new_year + timedelta(seconds=rng.randrange(-2, 2)),
            )
        )
        move = rng.choice(("LOAD", "DISC", "LOAD", "DISC", "GTIN", "GTOT"))
        kinds = ("normal",) * 6 + ("transhipment", "restow")
        return self._now - timedelta(days=2), Content(
            rng.choice(TERMINALS),
            at,
            move,
            rng.choice(("LADEN", "EMPTY", "unknown")),
            rng.choice(tuple(TEU)),
            "normal" if move in ("GTIN", "GTOT") else rng.choice(kinds),
            counts=rng.random() > 0.02,
        )

    def _renew(self, box: Box) -> None:
        """Replace the content by a newer record with any other content."""
        box.recorded += timedelta(seconds=1)
        box.newest = self._first_content()[1]

    def _record(self, box: Box, size: str = "") -> Record:
        box.newest = box.newest._replace(size=size or box.newest.size)
        value = _encoded(box, box.newest)
        box.sent.append(value)
        content = box.newest
        handles = content.counts and content.move in ("LOAD", "DISC") and content.kind != "restow"
        if handles and content.size == NO_SIZE:
            self._marked.append((box, box.recorded, value))
        return _keyed(box.source, value)

    def _again(self, box: Box) -> Record:
        return _keyed(box.source, self._rng.choice(box.sent))

    def _retraction(self, box: Box) -> Record:
        box.retracted = True
        at = self._now.isoformat()
        value = json.dumps(
            {
                "specversion": "1.0",
                "type": "port.move.retracted.v1",
                "source": box.source,
                "id": f"{box.name}-retracted",
                "time": at,
                "recordedtime": at,
                "data": {"retractedEventID": box.name},
            }
        ).encode()
        return _keyed(box.source, value)

    def _hold(self, record: Record) -> None:
        self._later.append((self._chunk + self._rng.randrange(1, 40), record))

    def _due(self, chunk: int | None) -> list[Record]:
        due = [held for held in self._later if chunk is None or held[0] <= chunk]
        self._later = [held for held in self._later if held not in due]
        return [record for _, record in due]


def _keyed(source: str, value: bytes) -> Record:
    key = source.encode()
    return key, value, partition_of(key, MOVES.partitions)


def _encoded(box: Box, content: Content) -> bytes:
    by_itself = not content.counts and len(box.sent) % 2 == 0
    move: dict[str, object] = {
        "eventClassifierCode": "ACT" if content.counts or by_itself else "PLN",
        "isRetracted": by_itself,
        "equipmentEventTypeCode": content.move,
        "facilityCode": content.terminal,
        "equipmentReference": "CSQU3054383",
        "ISOEquipmentCode": content.size,
    }
    if content.fill != "unknown":
        move["emptyIndicatorCode"] = content.fill
    if content.kind != "normal":
        move["moveStatus"] = {"restow": 5, "transhipment": 6}[content.kind]  # EDIFACT 8249
    return json.dumps(
        {
            "specversion": "1.0",
            "type": "port.container.moved.v1",
            "source": box.source,
            "id": box.name,
            "time": content.at.isoformat(),
            "recordedtime": box.recorded.isoformat(),
            "data": move,
        }
    ).encode()


def _lines(content: Content) -> list[tuple[Line, float]]:
    """Return what one move adds to each series, by DOMAIN.md section 4."""
    at = content.terminal, str((content.at + PORT).year)
    if content.move in ("GTIN", "GTOT"):
        return [(("port_throughput_gate_moves", *at, DIRECTION[content.move]), 1)]
    lines: list[tuple[Line, float]] = [(("port_throughput_ytd_moves", *at), 1)]
    if content.kind == "restow":
        return lines
    if content.size == NO_SIZE:
        return [*lines, (("port_throughput_unsized_moves", *at), 1)]
    feet, teu = TEU[content.size]
    klass = content.fill.lower(), content.kind, DIRECTION[content.move], feet
    return [
        *lines,
        (("port_throughput_ytd_teu", *at), teu),
        (("port_throughput_ytd_class_teu", *at, *klass), teu),
    ]
