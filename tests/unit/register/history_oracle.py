"""Random histories of moves, and an oracle of what the port knew of them.

It shares nothing with the ledger or the register: a record is a few words here, and what stands
at an instant is found by looking at all that had come by then.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from tests.unit.ledger.records import Raw

SHANGHAI = ZoneInfo("Asia/Shanghai")
SECOND, HOUR, DAY = 1000, 3_600_000, 86_400_000  # milliseconds
OPEN_DAYS = 400  # quaymark.toml
SIZES: dict[str | None, tuple[str, int | None]] = {
    **{"12G1": ("10", 50), "22G1": ("20", 100), "2200": ("20", 100), "32G1": ("30", 150)},
    **{"42G1": ("40", 200), "45G1": ("40", 200), "L5G1": ("45", 225), "M5G1": ("other", 240)},
    **{"0000": ("unknown", None), None: ("unknown", None)},
}
"""Size as reported -> feet and hundredths of a TEU, as docs/kpis.md counts by length."""
PARTITION_OF = {"/a/THE": 0, "/a/THC": 1, "/b/any": 1}
NO_TERMINAL = "BERTH9"
Cell = tuple[str, str, date, str]
"""Cause, terminal, day and source."""


class MoveRecord(Struct, frozen=True):
    """What a record says; `withdraws` is a retraction by id.  Instants are milliseconds."""

    name: str
    source: str
    time: int
    recorded: int
    terminal: str = "THE"
    move: str = "LOAD"
    size: str | None = "22G1"
    fill: str | None = "LADEN"
    status: int | None = None
    is_actual: bool = True
    is_retracted: bool = False
    withdraws: bool = False

    @property
    def is_counted(self) -> bool:
        out = self.withdraws or self.is_retracted or not self.is_actual
        return not out and self.status not in (4, 7)  # remain on board, shortlanded

    @property
    def day(self) -> date:
        return day_of(self.time)

    @property
    def kind(self) -> str:
        return {5: "restow", 6: "transhipment"}.get(self.status or 0, "normal")

    @property
    def teu(self) -> Decimal:
        is_throughput = self.move in ("LOAD", "DISC") and self.kind != "restow"
        return Decimal((SIZES[self.size][1] or 0) if is_throughput else 0) / 100

    @property
    def content(self) -> object:
        """What the books hold of it; equal ones are repeats."""
        if self.withdraws or self.is_retracted:
            return "retracted"
        minute = self.time // 60_000
        if not self.is_counted:
            return minute
        return minute, self.terminal, self.move, self.kind, self.fill, SIZES[self.size]

    def encoded(self) -> bytes:
        """The record as JSON."""
        data: dict[str, object] = {"retractedEventID": self.name}
        if not self.withdraws:
            data = {
                "eventClassifierCode": "ACT" if self.is_actual else "EST",
                "equipmentEventTypeCode": self.move,
                "facilityCode": self.terminal,
                "isRetracted": self.is_retracted,
                "equipmentReference": f"CSQU{self.name[1:]:>07}",
                "ISOEquipmentCode": self.size,
                "emptyIndicatorCode": self.fill,
                "moveStatus": self.status,
            }
        envelope = {
            "id": f"r-{self.name}" if self.withdraws else self.name,
            "source": self.source,
            "time": in_words(self.time),
            "recordedtime": in_words(self.recorded),
            "specversion": "1.0",
            "type": "port.move.retracted.v1" if self.withdraws else "port.container.moved.v1",
            "data": {name: value for name, value in data.items() if value is not None},
        }
        return json.dumps(envelope).encode()


class KafkaArrival(NamedTuple):
    """A record as Kafka has it."""

    offset: int
    report: MoveRecord
    timestamp: int
    sent_again_at: int = 0

    def raw(self) -> Raw:
        headers: tuple[tuple[str, bytes | None], ...] = ()
        if self.sent_again_at:
            again = str(self.sent_again_at).encode()
            headers = ("quaymark-attempt", b"2"), ("quaymark-sent-again", again)
        return Raw(self.offset, self.report.encoded(), self.timestamp, headers)


class KnownVersion(NamedTuple):
    """A record of the books, or why it is refused."""

    partition: int
    arrival: KafkaArrival
    known_from: int
    refused: str | None

    @property
    def report(self) -> MoveRecord:
        return self.arrival.report

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Of an id the greatest counts: a withdrawal, then the newest, then what came first."""
        recorded = 0 if self.report.withdraws else self.report.recorded
        return self.report.withdraws, recorded, -self.arrival.offset


class RandomHistory:
    """Arrivals by partition; `at` are all instants at which anything came."""

    def __init__(self, random: Random, size: int) -> None:
        self._random = random
        self._now = milliseconds(datetime(2025, 12, 30, 10, tzinfo=UTC))
        self._moves: dict[str, MoveRecord] = {}
        self.arrivals: dict[int, list[KafkaArrival]] = defaultdict(list)
        while sum(map(len, self.arrivals.values())) < size:
            self._now += random.choice((0, 0, 1, SECOND, 3 * HOUR, 8 * HOUR, DAY))
            self._happen()

    def _send(self, report: MoveRecord, timestamp: int | None = None, again_at: int = 0) -> None:
        came = self.arrivals[PARTITION_OF[report.source]]
        stamp = self._now if timestamp is None else timestamp
        came.append(KafkaArrival(len(came), report, stamp, again_at))

    def _happen(self) -> None:
        luck = self._random.random()
        if luck < 0.4 or not self._moves:
            self._new()
            return
        old = self._random.choice(list(self._moves.values()))
        if luck < 0.5:
            self._send(old)
        elif luck < 0.75:
            self._send(self._amended(old))
        elif luck < 0.85:
            self._send(self._withdrawal(old))
        else:  # refused or not, it is sent again, and judged as of its own time
            came = self.arrivals[PARTITION_OF[old.source]]
            mine = [
                one for one in came if one.report.name == old.name and not one.report.withdraws
            ]
            if mine:
                one = self._random.choice(mine)
                self._send(one.report, one.timestamp, self._now)

    def _new(self) -> None:
        pick = self._random.choice
        time = self._now - pick((0, 0, 1, 3, 30, 399, 400, 401)) * DAY - pick((0, 1, 7_199_999))
        if self._random.random() < 0.25:  # around the midnight at which a year begins in Shanghai
            time = milliseconds(datetime(2025, 12, 31, 16, tzinfo=UTC)) + pick((-SECOND, -1, 0, 1))
        elif self._random.random() < 0.05:
            time = self._now + pick((HOUR, HOUR + 1))
        report = MoveRecord(
            f"e{len(self._moves)}",
            pick(list(PARTITION_OF)),
            time,
            min(time, self._now) + pick((0, 1, 99_999)),
            pick(("THE", "THC", "THW", NO_TERMINAL)),
            pick(("LOAD", "DISC", "GTIN")),
            pick(list(SIZES)),
            pick(("LADEN", "EMPTY", None)),
            pick((None, None, None, 5, 6, 8)),
            self._random.random() < 0.9,
        )
        self._moves[report.name] = report
        if self._random.random() < 0.12:
            self._send(self._withdrawal(report))
        self._send(report, self._now - pick((0, 0, 0, 0, 0, 0, 2, 30)) * DAY)  # at times of before

    def _withdrawal(self, report: MoveRecord) -> MoveRecord:
        return MoveRecord(report.name, report.source, self._now, self._now, withdraws=True)

    def _amended(self, old: MoveRecord) -> MoveRecord:
        pick = self._random.choice
        changed = {
            "time": old.time + pick((-1, 1)) * pick((SECOND, 60_000, 8 * HOUR, DAY, 365 * DAY)),
            "terminal": pick(("THE", "THC", "THW", NO_TERMINAL)),
            "size": pick(list(SIZES)),
            "fill": pick(("LADEN", "EMPTY", None)),
            "status": pick((None, 4, 5, 6, 7, 8)),
            "is_actual": pick((True, False)),
            "is_retracted": pick((True, False)),
        }
        names = self._random.sample(list(changed), pick((1, 1, 2, 3)))
        recorded = min(old.recorded + pick((0, -SECOND, SECOND, DAY)), self._now + 2 * HOUR)
        amended = replace(old, recorded=recorded, **{name: changed[name] for name in names})
        self._moves[old.name] = amended
        return amended


def versions(arrivals: dict[int, list[KafkaArrival]]) -> list[KnownVersion]:
    """Return each record with when it was known, and why it is refused if it is."""
    found = []
    for partition, came in arrivals.items():
        latest, held = 0, dict[tuple[str, str], KnownVersion]()
        for one in came:
            latest = max(latest, one.timestamp)
            key = one.report.source, one.report.name
            version = KnownVersion(partition, one, max(latest, one.sent_again_at), None)
            refused = _refused(version, held.get(key))
            version = version._replace(refused=refused)
            found.append(version)
            if refused is None and (key not in held or version.rank > held[key].rank):
                held[key] = version
    return found


def _refused(version: KnownVersion, held: KnownVersion | None) -> str | None:
    report, limit = version.report, version.arrival.timestamp + HOUR
    if report.is_counted and report.terminal == NO_TERMINAL:
        return "unknown_terminal"
    if report.recorded > limit or (
        report.is_actual and not report.withdraws and report.time > limit
    ):
        return "future_time"
    if held is not None and held.rank[:2] == version.rank[:2]:
        return None if held.report.content == report.content else "conflict"
    if held is not None and held.rank > version.rank:
        return None
    first_open = day_of(version.arrival.timestamp) - timedelta(OPEN_DAYS)
    changed = (report, *([held.report] if held else []))
    is_closed = any(one.is_counted and one.day < first_open for one in changed)
    return "too_old" if is_closed else None


def standing(known: Iterable[KnownVersion], at: int) -> dict[tuple[int, str, str], KnownVersion]:
    """Return partition, source and id -> the version that stood at an instant."""
    best: dict[tuple[int, str, str], KnownVersion] = {}
    for one in known:
        key = one.partition, one.report.source, one.report.name
        if one.refused is None and one.known_from <= at:
            best[key] = max(best.get(key, one), one, key=lambda version: version.rank)
    return best


def in_words(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def day_of(at: int) -> date:
    return datetime.fromtimestamp(at / 1000, SHANGHAI).date()


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
