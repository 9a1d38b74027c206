"""The topics of reports: records of issued ones and remarks on days, read whole and written."""

import asyncio
from collections.abc import Iterable
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from broker.connection import Connection, kafka_errors, producer, started
from broker.reader import TopicReading
from contract.kafka.rights import Operation
from contract.reporting.issued_report import IssuedReport, ReportNote
from contract.topics import NOTES, RAW, REPORTS, Topic
from contract.wire import encode

decoded_report = msgspec.json.Decoder(IssuedReport).decode
KindOfRecord = TypeVar("KindOfRecord", bound=Struct)


def recorded_reports(connection: Connection, *, whole: bool = False) -> dict[str, IssuedReport]:
    """Return number -> issued report, as Kafka has them; `whole` keeps figures and values.

    Raises:
        StackError: there is no broker, or no such topic.
    """
    found: dict[str, IssuedReport] = {}
    for one in _read(connection, REPORTS, IssuedReport):
        found[one.number] = one if whole else replace(one, figures=(), values=b"")
    return found


def notes(connection: Connection) -> dict[bytes, ReportNote]:
    """Return key -> remark; a remark without text was taken back.

    Raises:
        StackError: there is no broker, or no such topic.
    """
    found = {note.key: note for note in _read(connection, NOTES, ReportNote)}
    return {key: note for key, note in found.items() if note.text}


def record_report(connection: Connection, record: bytes, key: bytes) -> None:
    """Send the record of an issued report; sent twice it is the same record.

    Raises:
        StackError: there is no broker, or it refuses.
    """
    record_reports(connection, [(key, record)])


def record_reports(connection: Connection, records: Iterable[tuple[bytes, bytes]]) -> None:
    """Send the records of issued reports, each with its key before it.

    Raises:
        StackError: there is no broker, or it refuses.
    """
    asyncio.run(_send(connection, REPORTS, records))


def write_notes(connection: Connection, notes: Iterable[ReportNote]) -> None:
    """Send remarks on days.

    Raises:
        StackError: there is no broker, or it refuses.
    """
    asyncio.run(_send(connection, NOTES, [(note.key, encode(note)) for note in notes]))


def raw_ends(connection: Connection) -> dict[str, tuple[int, ...]]:
    """Return raw topic -> end offset of each partition.

    Raises:
        StackError: there is no broker, or a topic is missing.
    """
    found = {}
    for topic in RAW:
        with TopicReading(connection, topic) as reading:
            ends = reading.ends()
        found[topic.name] = tuple(ends[number] for number in sorted(ends))
    return found


def _read(
    connection: Connection, topic: Topic, kind: type[KindOfRecord]
) -> Iterable[KindOfRecord]:
    decode = msgspec.json.Decoder(kind).decode
    with TopicReading(connection, topic) as reading:
        for batch in reading.rest():
            for record in batch:
                if record.value is None:
                    continue
                try:
                    yield decode(record.value)
                except msgspec.MsgspecError:  # not ours: whoever wrote it sees it nowhere
                    continue


async def _send(
    connection: Connection, topic: Topic, records: Iterable[tuple[bytes, bytes]]
) -> None:
    sending = producer(
        connection,
        compression_type="lz4",
        max_request_size=topic.largest_record or 1 << 20,
    )
    with kafka_errors(connection, topic.name, operation=Operation.WRITE):
        await started(sending, connection)
        try:
            for key, value in records:
                await sending.send_and_wait(topic.name, value, key, partition=0)
        finally:
            await sending.stop()
