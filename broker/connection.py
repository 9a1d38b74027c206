"""How Kafka is reached: the only place that builds an aiokafka client or Faust's broker options.

A client is asked for by what it is for; what nobody may forget is a default here: committed
records only, no commits that were not asked for, and the mends of `client_mends`.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError
from msgspec import Struct

from broker.client_mends import mend_aiokafka
from broker.credentials import aiokafka_options, check_files
from broker.probe import found_refusal
from broker.rights import missing_right
from contract.errors import Denied, Misconfigured, StackError
from contract.kafka.rights import Operation
from contract.kafka.security import KafkaSecurity
from contract.settings import Settings
from contract.topics import ISOLATION

__all__ = [
    "Connection",
    "administering",
    "check_login",
    "consuming",
    "faust_options",
    "kafka_errors",
    "producer",
    "started",
]

ADMIN_SECONDS = 10.0  # a broker on a busy machine takes some seconds to make or delete topics
FETCH_BYTES = 1 << 20  # of a partition at once; Kafka's own default, and its largest record
FETCH_WAIT_MS = 20  # we read to ends that we know: a longer poll delays what is asked after it


class Connection(Struct, frozen=True):
    """What a client must know to reach Kafka."""

    servers: str
    """Bootstrap servers, host:port,host:port."""
    security: KafkaSecurity = KafkaSecurity()
    replication: int = -1
    """Copies of each topic that is created; -1 is the broker's default.replication.factor."""

    def __str__(self) -> str:
        return self.servers

    @classmethod
    def of(cls, settings: Settings) -> "Connection":
        """Return the connection that the settings describe.

        Raises:
            Misconfigured: a file of secrets or certificates is missing, empty or no such file.
        """
        security = settings.kafka_security
        check_files(security)
        return cls(settings.kafka, security, settings.kafka_replication_factor)

    @property
    def client_options(self) -> Mapping[str, Any]:
        """The options that every aiokafka client takes."""
        return {"bootstrap_servers": self.servers, **aiokafka_options(self.security)}


@asynccontextmanager
async def consuming(
    connection: Connection, *, group: str | None = None, fetch_bytes: int = FETCH_BYTES
) -> AsyncIterator[AIOKafkaConsumer]:
    """A started consumer, stopped when the block is left; it commits nothing by itself.

    Raises:
        StackError: no broker can be reached.
        Misconfigured: the broker refuses the connection.
    """
    mend_aiokafka()
    consumer = AIOKafkaConsumer(
        **connection.client_options,
        group_id=group,
        enable_auto_commit=False,
        max_partition_fetch_bytes=fetch_bytes,
        fetch_max_wait_ms=FETCH_WAIT_MS,
        isolation_level=ISOLATION,
    )
    try:
        with kafka_errors(connection):
            await started(consumer, connection)
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def administering(
    connection: Connection, *, answer_seconds: float = ADMIN_SECONDS
) -> AsyncIterator[AIOKafkaAdminClient]:
    """A started admin client, closed when the block is left; the block asks Kafka alone.

    Raises:
        StackError: no broker can be reached, or it refuses what the block asks.
        Misconfigured: the broker refuses the connection.
    """
    mend_aiokafka()
    admin = AIOKafkaAdminClient(
        **connection.client_options, request_timeout_ms=round(answer_seconds * 1000)
    )
    try:
        with kafka_errors(connection):
            await started(admin, connection)
            yield admin
    finally:
        await admin.close()


def producer(connection: Connection, **options: Any) -> AIOKafkaProducer:
    """A producer, not started yet, whose records all replicas acknowledge.

    `options` are aiokafka's own: what a producer sends decides how it batches and compresses.
    """
    mend_aiokafka()
    return AIOKafkaProducer(**connection.client_options, acks="all", **options)


async def started(client: Any, connection: Connection) -> None:
    """Start a client of aiokafka.

    Raises:
        KafkaConnectionError: no broker can be reached.
        Misconfigured: every broker that can be reached refuses the connection; the message says
            what was wrong and which setting to look at.
    """
    try:
        await client.start()
    except KafkaConnectionError as error:
        line = await found_refusal(
            connection.servers, connection.security, aiokafka_options(connection.security)
        )
        if line is None:
            raise
        raise Misconfigured(line) from error


async def check_login(connection: Connection) -> None:
    """Return unless the brokers refuse the connection; also if none of them can be reached.

    Raises:
        Misconfigured: as `started` does.
    """
    options = aiokafka_options(connection.security)
    mend_aiokafka()
    if line := await found_refusal(connection.servers, connection.security, options):
        raise Misconfigured(line)


def faust_options(connection: Connection) -> dict[str, Any]:
    """Return the settings of a Faust app that say how it reaches Kafka."""
    return {"broker": [f"kafka://{server}" for server in connection.servers.split(",")]}


@contextmanager
def kafka_errors(
    connection: Connection,
    topic: str = "",
    hint: str = "",
    operation: Operation = Operation.READ,
) -> Iterator[None]:
    """Turn what aiokafka raises within the block into an error that says where and what to do.

    `operation` is what the block does to the topic.

    Raises:
        StackError: the broker can't be reached, does not answer, or refuses.
        Denied: the user lacks a right.
    """
    try:
        yield
    except (KafkaError, OSError) as error:  # a TimeoutError is an OSError, and says nothing
        where = f"Kafka at {connection}" + (f", topic {topic}" if topic else "")
        if lacking := missing_right(error, connection.security, operation, topic):
            raise Denied(f"Kafka at {connection}: {lacking}") from error
        ask = "is it running, and do its topics exist (`quaymark topics` creates them)?"
        raise StackError(
            f"{where}: {str(error) or type(error).__name__}; {ask} "
            f"QUAYMARK_KAFKA names its address{hint and '; '}{hint}"
        ) from error
