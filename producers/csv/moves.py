"""Container moves from CSV: columns in any order, with Chinese, English or a partner's headers.

A row without an id gets one made of its content, so that two equal rows are one move.
"""

import hashlib
import re
from datetime import UTC, datetime

from contract.book import Partner
from contract.errors import Misconfigured, Reason, Rejected
from contract.events import (
    Classifier,
    ContainerMoved,
    EquipmentEvent,
    Fill,
    Mode,
    Move,
    MoveStatus,
    TransportCall,
    Vessel,
)
from producers.csv.numbers import day
from producers.csv.table import CsvRow, CsvTable, Header, columns
from producers.reading.outcome import (
    Accepted,
    File,
    Message,
    Outcomes,
    ReadingTerms,
    excerpt,
    refusal,
    unread,
)
from producers.reading.values import (
    container_number,
    container_size,
    known_code,
    terminal_code,
    zoned_instant,
)

COLUMNS = {
    "move": ("equipmentEventTypeCode", "event", "作业类型", "装卸", "进出"),
    "time": ("eventDateTime", "moved at", "作业时间", "时间"),
    "terminal": ("facilityCode", "码头", "泊位"),
    "container": ("equipmentReference", "container number", "箱号"),
    "size": ("ISOEquipmentCode", "size type", "箱型", "尺寸", "箱型尺寸"),
    "fill": ("emptyIndicatorCode", "空重"),
    "status": ("moveStatus", "8249"),
    "transhipment": ("isTransshipmentMove", "中转"),
    "mode": ("modeOfTransport", "运输方式"),
    "vessel": ("vesselName", "船名"),
    "voyage": ("voyageNumber", "航次"),
    "id": ("eventID", "编号"),
    "recorded": ("recordedtime", "eventUpdatedDateTime", "记录时间"),
    "retracted": ("isRetracted", "撤销"),
    "classifier": ("eventClassifierCode",),
    "teu": ("标箱", "标箱数"),
}
"""Name of a column -> other headers with the same meaning."""
NEEDED = ("move", "time", "terminal")

YES = frozenset(("1", "y", "yes", "true", "是"))
NO = frozenset(("", "0", "n", "no", "false", "否"))
_DAY_AND_CLOCK = re.compile(r"([^ T]+)([ T])(.+)")
_SHORT_CLOCK = re.compile(r"(?<=[ T])([0-9]):")
_SHORTENED = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_BELOW_ZERO = re.compile(r"[-−(]\s*[0-9.,]*[1-9]")
_BARE_FEET = re.compile(r"4[58]")  # half a code of ISO 6346, but a column of sizes has feet


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a file of moves.

    Raises:
        Misconfigured: a column that every move needs is missing.
    """
    known = known_columns(terms.partner)
    table = CsvTable(file.stream, lambda header: is_header(header, terms.partner))
    at = columns(table.header, known)
    if missing := [name for name in NEEDED if name not in at]:
        raise Misconfigured(
            f"{file.name}: no column for {', '.join(missing)} among {', '.join(table.header)}; "
            "name it so, or map it in the partner's columns in quaymark.toml"
        )
    written_at = datetime.fromtimestamp(file.written_at, UTC)
    yield Message(table.at)
    yield from table.above
    yield from unread(table.at, table.header, at.values())
    for row in table.rows():
        if not isinstance(row, CsvRow):
            yield row
            continue
        try:
            line = _Line(row, at, terms)
            yield Accepted(row.at, line.moved(written_at), stated_teu=line.cell("teu"))
        except Rejected as rejected:
            yield refusal(row.at, rejected, table.original(row))


def is_header(header: Header, partner: Partner | None) -> bool:
    """Whether a row names the columns that every move needs."""
    return set(NEEDED) <= set(columns(header, known_columns(partner)))


def known_columns(partner: Partner | None) -> dict[str, tuple[str, ...]]:
    """Return name of a column -> headers with this meaning, the partner's own first."""
    if partner is None:
        return COLUMNS
    own: dict[str, tuple[str, ...]] = {}
    for theirs, ours in partner.columns.items():
        own[ours] = (*own.get(ours, ()), theirs)
    return {ours: (*own.get(ours, ()), *words) for ours, words in COLUMNS.items()}


class _Line:
    """A row whose cells are found by our names of the columns."""

    def __init__(self, row: CsvRow, at: dict[str, str], terms: ReadingTerms) -> None:
        self._row = row
        self._at = at
        self._terms = terms

    def moved(self, written_at: datetime) -> ContainerMoved:
        """Return the event of this row.

        Raises:
            Rejected: a cell is missing or can't be read.
        """
        partner = self._terms.partner
        occurred = self._instant("time")
        move = self._move()
        recorded = self._instant("recorded") if self.cell("recorded") else written_at
        return ContainerMoved(
            specversion="1.0",
            id=self._own_id() or _derived_id(move, occurred),
            source=f"/csv/{partner.name if partner else 'moves'}",
            time=occurred,
            recordedtime=recorded,
            data=move,
        )

    def cell(self, name: str) -> str:
        """Return the cell in a column of ours, "" if it is empty or there is no such column."""
        return self._row.cells[self._at[name]] if name in self._at else ""

    def _own_id(self) -> str:
        """Return the id in the row; Excel shortens a long number, so that many rows share one."""
        found = self.cell("id")
        if _SHORTENED.fullmatch(found):
            raise Rejected(
                Reason.BAD_VALUE,
                f"{excerpt(found)} is an id that a program shortened; save the column as text",
                where=self._at["id"],
            )
        return found

    def _move(self) -> Move:
        terminal, status = self.cell("terminal"), self.cell("status")
        if not terminal:
            raise Rejected(
                Reason.MISSING_FIELD, "the terminal is missing", where=self._at["terminal"]
            )
        if status and status not in tuple("12345678"):
            raise Rejected(
                Reason.UNKNOWN_CODE,
                f"{excerpt(status)} is none of 8249's 1 to 8",
                where=self._at["status"],
            )
        self._refuse_negative_teu()
        partner = self._terms.partner
        size = container_size(self.cell("size"), partner)
        fill, mode = self.cell("fill"), self.cell("mode")
        moved = known_code(EquipmentEvent, self.cell("move"), self._at["move"])
        return Move(
            eventClassifierCode=known_code(Classifier, self.cell("classifier"), "classifier")
            if self.cell("classifier")
            else Classifier.ACT,
            equipmentEventTypeCode=moved,
            facilityCode=terminal_code(terminal, partner, self._terms.book),
            equipmentReference=container_number(self.cell("container")),
            ISOEquipmentCode=f"{size}FT" if size and _BARE_FEET.fullmatch(size) else size,
            emptyIndicatorCode=known_code(Fill, fill, self._at["fill"]) if fill else None,
            isTransshipmentMove=self._yes("transhipment"),
            isRetracted=self._yes("retracted"),
            moveStatus=MoveStatus(int(status)) if status else None,
            transportCall=TransportCall(
                modeOfTransport=known_code(Mode, mode, self._at["mode"]) if mode else None,
                vessel=Vessel(vesselName=self.cell("vessel")) if self.cell("vessel") else None,
                exportVoyageNumber=self.cell("voyage") or None,
            ),
        )

    def _refuse_negative_teu(self) -> None:
        """Refuse a negative TEU; else the column is ignored, as TEU follow from the size."""
        text = self.cell("teu")
        if _BELOW_ZERO.match(text):
            raise Rejected(
                Reason.BAD_VALUE,
                f"{excerpt(text)} TEU: a move takes none away; to take a move back, send its row "
                "again with its id and `retracted` = yes",
                where=self._at["teu"],
            )

    def _yes(self, name: str) -> bool:
        word = self.cell(name).casefold()
        if word in YES:
            return True
        if word in NO:
            return False
        raise Rejected(
            Reason.BAD_VALUE, f"{excerpt(word)} is neither yes nor no", where=self._at[name]
        )

    def _instant(self, name: str) -> datetime:
        """Return a time by its offset; one without an offset is in the partner's time zone."""
        text, where = self.cell(name), self._at[name]
        if not text:
            raise Rejected(Reason.MISSING_FIELD, "the time is missing", where=where)
        iso = text
        if found := _DAY_AND_CLOCK.fullmatch(text):
            on, between, clock = found.groups()
            iso = day(on, where).isoformat() + between + clock
        iso = _SHORT_CLOCK.sub(r"0\1:", iso)
        return zoned_instant(iso, where, self._terms.partner)


def _derived_id(move: Move, occurred: datetime) -> str:
    call = move.transportCall
    parts = (
        move.equipmentEventTypeCode,
        move.facilityCode,
        move.equipmentReference or "",
        (call.exportVoyageNumber if call else None) or "",
        occurred.astimezone(UTC).isoformat(),
    )
    return "derived-" + hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()
