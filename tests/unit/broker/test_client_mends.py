"""What takes the place of aiokafka's own classes: for consumers, and for connections."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
import uvloop
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from broker import client_mends
from broker.client_mends import mend_aiokafka
from broker.record_batch import RecordBatch
from tests.unit.broker.built_batches import latin_batch

MOVES_0, TARGETS_0 = TopicPartition("port.moves.raw", 0), TopicPartition("port.targets", 0)


@pytest.fixture
def _aiokafka_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what an earlier test of this process has put in aiokafka's place."""
    monkeypatch.setattr(client_mends._PartitionRecords, "unread_topics", frozenset())
    for name in "MemoryRecords", "PartitionRecords":
        mro = getattr(fetcher, name).__mro__
        own = next(each for each in mro if each.__module__.startswith("aiokafka"))
        monkeypatch.setattr(fetcher, name, own)


def fetched(tp: TopicPartition, raw: bytes, position: int = 0) -> Any:
    """What a consumer makes of the bytes that a fetch brought."""
    records = fetcher.MemoryRecords(raw)
    return fetcher.PartitionRecords(tp, records, None, position, None, None, True, 0)


@pytest.mark.usefixtures("_aiokafka_as_it_came")
def test_without_the_mends_a_header_name_in_latin_1_stops_the_reader() -> None:
    with pytest.raises(UnicodeDecodeError):
        list(fetched(TARGETS_0, latin_batch(0)))


@pytest.mark.usefixtures("_aiokafka_as_it_came")
@pytest.mark.parametrize("order", [(False, True), (True, False), (True, True)])
def test_lenient_names_and_unread_batches_hold_together_whoever_asks_first(
    order: tuple[bool, bool],
) -> None:
    for is_worker in order:
        mend_aiokafka(frozenset({MOVES_0.topic}) if is_worker else frozenset())

    read = list(fetched(TARGETS_0, latin_batch(0) + latin_batch(4, 4)))
    [unread] = fetched(MOVES_0, latin_batch(0))

    assert [record.offset for record in read] == [*range(8)]
    assert [name for name, _ in read[2].headers] == ["a", "M?nchen."]
    assert isinstance(unread, RecordBatch)
    assert [record.offset for record in unread.records()] == [*range(4)]


@pytest.mark.usefixtures("_aiokafka_as_it_came")
def test_a_fetch_gives_each_record_once_from_where_it_was_asked_for() -> None:
    mend_aiokafka()

    found = fetched(TARGETS_0, latin_batch(0) + latin_batch(4, 4), position=1)

    assert [record.offset for record in found] == [*range(1, 8)]
    assert found.next_fetch_offset == 8


@pytest.mark.usefixtures("_aiokafka_as_it_came")
def test_records_taken_one_by_one_are_lenient_too() -> None:
    mend_aiokafka()
    found = fetched(TARGETS_0, latin_batch(0))

    taken = [(next(found).offset, found.next_fetch_offset) for _ in range(4)]  # as `getone` does

    assert taken == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert next(found, None) is None


def test_a_send_into_a_torn_connection_is_told_as_a_broken_connection() -> None:
    async def go() -> None:
        server = await asyncio.start_server(lambda _, far: far.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        connection: Any = client_mends._Connection("127.0.0.1", port)
        connection._reader, connection._writer = reader, writer
        connection._versions = {3: (0, 0)}  # Kafka's number of MetadataRequest
        connection._read_task = asyncio.ensure_future(reader.read())
        writer.transport.abort()
        await connection._read_task
        try:
            with pytest.raises(KafkaConnectionError, match="broken"):
                connection.send(MetadataRequest([]))
        finally:
            server.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(go())


def test_silence_is_since_the_first_question_without_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(client_mends, "time", SimpleNamespace(monotonic=lambda: now))

    async def go() -> list[float]:
        nonlocal now
        connection: Any = client_mends._Connection("127.0.0.1", 1)
        connection._reader, connection._writer = object(), Writer()
        connection._versions = {3: (0, 0)}
        silent = [connection.silent_seconds]
        now = 160.0  # a minute of idleness is no silence
        waits = [connection.send(MetadataRequest([]))]
        silent.append(connection.silent_seconds)
        now = 167.0
        waits.append(connection.send(MetadataRequest([])))
        silent.append(connection.silent_seconds)
        for wait in waits:
            wait.close()
        connection._reader = connection._writer = None  # it would close them
        return silent

    assert asyncio.run(go()) == [0.0, 0.0, 7.0]


class Writer:
    """Takes everything."""

    def write(self, _: bytes) -> None:
        """Nothing comes back."""
