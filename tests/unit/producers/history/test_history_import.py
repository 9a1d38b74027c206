"""A history import reads each file once, in any number of processes, and sends it by time."""

import asyncio
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from contract.errors import Misconfigured, StackError
from contract.topics import MOVES, REJECTED
from contract.wire import decode_dead_letter, decode_move
from producers.history.history_import import HistoryImport, refuse_short_retention
from producers.history.history_store import HistoryStore
from producers.importing.report_index import Correction, Match
from producers.importing.retry import NumberedDeadLetter, Retry
from producers.importing.run import Import
from producers.importing.tally import ImportTally
from producers.publish.records import Encoded
from producers.reading.input_files import Found
from producers.reading.outcome import ReadingTerms
from producers.reading.release_history import ReleaseHistory
from tests.unit.producers.imported import BOOK, NOW

HEADER = "move,time,terminal,container,size,fill,mode,recorded\n"


class Process:
    """One process of a history import; leaving it without `finish` is a kill."""

    def __init__(self, store: Path) -> None:
        self.store = HistoryStore(store, "none")
        database = self.store.database
        self.run = Import(
            ReadingTerms(BOOK, releases=ReleaseHistory(database)),
            None,
            ImportTally(BOOK, NOW, database, as_recorded=True),
        )
        self.history = HistoryImport(self.run, self.store, NOW)

    def read(self, *paths: Path) -> list[bool]:
        async def all_of() -> list[bool]:
            return [
                await self.history.read(Found(str(path), path, 1), lambda size: None)
                for path in paths
            ]

        return asyncio.run(all_of())

    def finish(self) -> list[Encoded]:
        """Return what is sent, in its order, after which nothing waits."""

        async def nowhere(corrections: list[Correction]) -> Iterable[Match]:
            return [Match(one, found=False) for one in corrections]

        asyncio.run(self.history.finish(nowhere))
        sent = [record for stretch in self.store.stretches() for record in stretch]
        self.history.sent()
        return sent


def moves(folder: Path, name: str, *rows: tuple[str, str, str]) -> Path:
    """A CSV of discharges at THE: (container, time, recorded), both in UTC."""
    path = folder / name
    lines = [
        f"DISC,{time}Z,THE,{box},22G1,full,VESSEL,{recorded}Z\n" for box, time, recorded in rows
    ]
    path.write_text(HEADER + "".join(lines))
    return path


def boxes(sent: list[Encoded]) -> list[str | None]:
    """The containers of the events sent, in their order."""
    events = [decode_move(record.value or b"") for record in sent if record.topic == MOVES.name]
    return [event.data.equipmentReference for event in events]  # type: ignore[union-attr]


def test_records_of_all_files_go_out_by_the_time_at_which_they_were_recorded(
    tmp_path: Path,
) -> None:
    # By name the files come in this order; by time a row of c lies between the two rows of a.
    a = moves(
        tmp_path,
        "a.csv",
        ("MSCU0000010", "2019-03-05T10:00", "2019-03-05T12:00"),
        ("MSCU0000030", "2019-03-07T10:00", "2019-03-07T12:00"),
    )
    b = moves(tmp_path, "b.csv", ("MSCU0000000", "2016-01-01T10:00", "2016-01-01T12:00"))
    c = moves(tmp_path, "c.csv", ("MSCU0000020", "2019-03-06T10:00", "2019-03-06T12:00"))

    process = Process(tmp_path / "store")
    process.read(a, b, c)
    sent = process.finish()

    assert boxes(sent) == ["MSCU0000000", "MSCU0000010", "MSCU0000020", "MSCU0000030"]
    # Milliseconds since 1970 of 2016-01-01 12:00 UTC: 16,801.5 days.
    assert sent[0].timestamp_ms == 1_451_649_600_000
    # Seven and ten years ago, 400 days are open: as of their recording nothing is too old.
    assert (process.run.tally.moves, process.run.tally.rejected.total()) == (4, 0)
    process.store.close()


def test_another_process_goes_on_where_one_was_killed_and_counts_all_files(tmp_path: Path) -> None:
    first = moves(tmp_path, "1.csv", ("MSCU0000010", "2019-03-05T10:00", "2019-03-05T12:00"))
    second = moves(tmp_path, "2.csv", ("MSCU0000020", "2019-03-06T10:00", "2019-03-06T12:00"))
    killed = Process(tmp_path / "store")
    assert killed.read(first) == [True]
    killed.store.add(0, Encoded(MOVES.name, b"", b"half a file"))  # never committed
    killed.store.close()

    process = Process(tmp_path / "store")

    assert process.read(first, second) == [False, True]
    assert boxes(process.finish()) == ["MSCU0000010", "MSCU0000020"]
    # Two moves of a 20 ft container: 2 TEU, of both processes.
    assert (process.run.tally.files, process.run.tally.moves) == (2, 2)
    assert dict(process.run.tally.hundredths) == {2019: 200}
    process.store.close()


def test_a_correction_finds_the_original_that_an_earlier_process_read(tmp_path: Path) -> None:
    def coarri(name: str, function: str, prepared: str) -> Path:
        path = tmp_path / name
        path.write_text(
            f"UNB+UNOA:2+EASTTERM+PORT+{prepared}+R{name}'UNH+1+COARRI:D:95B:UN:SMDG16'"
            f"BGM+44+77+{function}'TDT+20+V1+1++:172:20+++9319466:146:11'"
            "EQD+CN+MSCU0000010+22G1+++5'DTM+203:201903051800:203'"
            "LOC+165+CNNTG:139:6+ETCT:TER:ZZZ'CNT+16:1'UNT+7+1'"
            f"UNZ+1+R{name}'"
        )
        return path

    report = coarri("report.edi", "9", "190305:2000")
    cancelled = coarri("cancelled.edi", "1", "190306:0900")
    killed = Process(tmp_path / "store")
    killed.read(report)
    assert killed.run.tally.moves == 1
    killed.store.close()

    process = Process(tmp_path / "store")
    process.read(report, cancelled)
    process.finish()

    # The cancelled move is in no sum, and its cancellation found it.
    assert (process.run.tally.moves, process.run.tally.retracted) == (0, 1)
    assert "no_original" not in process.run.tally.flagged
    process.store.close()


def test_a_file_that_was_copied_later_says_how_to_give_it_its_time(tmp_path: Path) -> None:
    path = tmp_path / "copied.csv"
    path.write_text("move,time,terminal,size,mode\nDISC,2019-03-05T10:00Z,THE,22G1,VESSEL\n")
    at = (NOW - timedelta(days=1)).timestamp()
    os.utime(path, (at, at))  # what `cp` leaves

    process = Process(tmp_path / "store")
    process.read(path)

    assert process.run.tally.rejected == {"too_old": 1}
    assert "cp -p" in process.run.tally.items[0].message
    process.store.close()


def test_a_refused_row_is_retried_with_the_time_that_it_had(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text(
        HEADER + "DISC,2019-03-05T10:00Z,THE,MSCU0000010,22G1,full,VESSEL,2019-03-05T12:00Z\n"
        "DISC,05/03/2019 10:00,THE,MSCU0000020,22G1,full,VESSEL,2019-03-05T12:00Z\n"
    )
    process = Process(tmp_path / "store")
    process.read(path)
    [letter] = [
        decode_dead_letter(record.value or b"")
        for record in process.finish()
        if record.topic == REJECTED.name
    ]
    process.store.close()
    assert letter.received_at == datetime(2019, 3, 5, 12, tzinfo=UTC)

    # As if a later version read this spelling: the same bytes with a day that can be read.
    again: list[Encoded] = []

    async def keep(record: Encoded) -> None:
        again.append(record)

    mended = replace(letter, value=(letter.value or b"").replace(b"05/03/2019 ", b"2019-03-05T"))
    mended = replace(mended, value=(mended.value or b"").replace(b"10:00,", b"10:00Z,"))
    retried = asyncio.run(Retry(BOOK, NOW, keep).again(NumberedDeadLetter(0, mended)))

    assert retried.events == 1, retried.refused
    # 2019-03-05 12:00 UTC is day 17,960.5 since 1970.
    assert again[0].timestamp_ms == 17_960 * 86_400_000 + 43_200_000


def test_a_file_of_which_nothing_could_be_used_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x.edi"
    path.write_text("UNB+UNOA:2+STRANGER+PORT+190305:2000+R1'UNH+1+COARRI:D:95B:UN'UNT+2+1'")
    process = Process(tmp_path / "store")

    assert process.read(path) == [True]
    assert process.read(path) == [True]  # a partner may have been added in between
    process.store.close()


def test_records_that_kafka_would_delete_are_refused_before_any_is_sent(tmp_path: Path) -> None:
    path = moves(tmp_path, "a.csv", ("MSCU0000010", "2019-03-05T10:00", "2019-03-05T12:00"))
    process = Process(tmp_path / "store")
    process.read(path)
    days = 86_400_000

    # From 2019-03-05 12:00 to 2026-11-25 12:00 are 2,822 days.
    refuse_short_retention(process.store, {MOVES.name: 2823 * days}, NOW, "")
    refuse_short_retention(process.store, {MOVES.name: -1}, NOW, "")
    with pytest.raises(StackError, match=r"keeps records for 2821 days .* since 2019-03-05"):
        refuse_short_retention(process.store, {MOVES.name: 2821 * days}, NOW, "")
    process.store.close()


def test_other_options_and_a_second_process_are_refused(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "store", "partner east")
    with pytest.raises(StackError, match="another import of this folder runs"):
        HistoryStore(tmp_path / "store", "partner east")
    store.close()
    with pytest.raises(Misconfigured, match="begun with partner east, not none"):
        HistoryStore(tmp_path / "store", "none")
