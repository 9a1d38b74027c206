"""One Apache Kafka broker (KRaft) on this machine: its folder, its command, its readiness."""

import base64
import shutil
import subprocess
import time
import uuid
from pathlib import Path

from msgspec import Struct

from broker import admin
from broker.connection import Connection
from contract.errors import StackError
from stack.context import Say
from stack.processes import jars
from stack.processes.child import Program
from stack.processes.tcp_ports import listens

HEAP_MB = 768
CONTROLLER_OFFSET = 1000  # the controller listens this far above the broker

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
# topics are created by `quaymark topics`, so that a misspelt name does not become one
auto.create.topics.enable=false
# the books are rebuilt from the raw topics, so records are kept unless their topic limits that
log.retention.ms=-1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=2
# a single worker starts at once instead of waiting 3 s for others
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# a broker that crashed may register again once its old session has ended: after 4 s, not 9
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
num.network.threads=2
num.io.threads=4
# a changelog is compacted soon after a segment closes; the cleaner's map takes 16 MB, not 128
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.backoff.ms=5000
"""

LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.start.name = kafka.server
logger.start.level = warn
logger.raft.name = kafka.server.KafkaRaftServer
logger.raft.level = info
"""


class Broker(Struct, frozen=True):
    """A broker on this machine: its data folder and its ports."""

    folder: Path
    port: int
    controller_port: int
    heap_mb: int = HEAP_MB

    @classmethod
    def at(cls, folder: Path, port: int) -> "Broker":
        """Return a broker on a port, with its controller `CONTROLLER_OFFSET` above or below."""
        above = port + CONTROLLER_OFFSET
        return cls(folder, port, above if above <= 65535 else port - CONTROLLER_OFFSET)

    @property
    def bootstrap(self) -> str:
        """The address for clients, `host:port`."""
        return f"127.0.0.1:{self.port}"

    @property
    def logs(self) -> Path:
        """The folder in which Kafka keeps the records."""
        return self.folder / "logs"


def prepare(broker: Broker, say: Say) -> Program:
    """Write the broker's configuration, format a new folder, and return the program to run.

    Raises:
        StackError: the jars can't be downloaded, the folder can't be written, or it holds records
            without meta.properties.
    """
    class_path = jars.class_path(say)
    try:
        broker.folder.mkdir(parents=True, exist_ok=True)
        properties = _write_properties(broker, "server.properties", broker.logs)
        (broker.folder / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
        if needs_formatting(broker.logs):
            _format(broker, class_path)
    except OSError as error:
        raise StackError(
            f"{broker.folder}: {error.strerror}; Kafka keeps its data in this folder"
        ) from None
    return Program("kafka", _java(broker, class_path, "kafka.Kafka", str(properties)))


def needs_formatting(logs: Path) -> bool:
    """Return whether a folder of records is new, or was left half-formatted and without a record.

    Raises:
        StackError: the folder holds records but no meta.properties, which names their cluster.
    """
    if (logs / "meta.properties").is_file():
        return False
    topics = [path.name for path in logs.glob("*-*") if path.is_dir()]
    if records := sorted(name for name in topics if not name.startswith("__cluster_metadata")):
        raise StackError(
            f"{logs} holds records ({', '.join(records[:3])} …) but no meta.properties, the file "
            "that names their cluster: put that file back from a copy, or move the folder away; "
            "the next start then begins with empty books"
        )
    return True


def wait_until_ready(connection: Connection, seconds: float) -> None:
    """Return once the broker answers a metadata request and lists itself.

    Raises:
        StackError: the broker does not answer within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not answers(connection):
        if time.monotonic() > deadline:
            raise StackError(f"Kafka at {connection} did not answer within {seconds:.0f} s")
        time.sleep(0.1)


def answers(connection: Connection) -> bool:
    """Return whether a broker answers a metadata request now and lists itself."""
    servers = connection.servers.split(",")
    if not any(listens(*_host_and_port(server)) for server in servers):
        return False  # asked first, since aiokafka logs an error for each refused connection
    return admin.answers(connection)


def _host_and_port(server: str) -> tuple[str, int]:
    host, _, port = server.rpartition(":")
    return host, int(port)


def _write_properties(broker: Broker, name: str, logs: Path) -> Path:
    path = broker.folder / name
    path.write_text(
        PROPERTIES.format(
            broker=broker.port, controller=broker.controller_port, logs=logs.absolute()
        ),
        encoding="utf-8",
    )
    return path.absolute()


def _format(broker: Broker, class_path: str) -> None:
    """Format a folder beside the real one, then rename it: a half-formatted one is never used.

    Each attempt has a folder of its own: the tool of an attempt that was killed may still write.
    """
    attempt = uuid.uuid4()
    for left in (broker.logs, *broker.folder.glob("logs.new*")):
        shutil.rmtree(left, ignore_errors=True)
    for left in broker.folder.glob("format*.properties"):
        left.unlink(missing_ok=True)
    fresh = broker.folder / f"logs.new-{attempt.hex}"
    properties = _write_properties(broker, f"format-{attempt.hex}.properties", fresh)
    cluster = base64.urlsafe_b64encode(attempt.bytes).decode().rstrip("=")
    command = _java(
        broker,
        class_path,
        *("kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(properties)),
    )
    if shutil.which("setpriv"):
        command = ("setpriv", "--pdeathsig", "KILL", "--", *command)
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        output = [line for line in lines if not line.lstrip().startswith("at ")]  # Java's stack
        raise StackError(f"{broker.folder}: Kafka could not format it: {' / '.join(output[-3:])}")
    fresh.rename(broker.logs)
    properties.unlink()


def _java(broker: Broker, class_path: str, *arguments: str) -> tuple[str, ...]:
    return (
        str(jars.java()),
        f"-Xms{broker.heap_mb // 3}m",
        f"-Xmx{broker.heap_mb}m",
        "-XX:TieredStopAtLevel=1",  # only the quick compiler: a start takes 5 s of CPU, not 10
        "-XX:+UseSerialGC",  # one collector thread: two cores are shared with the worker
        "-XX:+ExitOnOutOfMemoryError",
        "--sun-misc-unsafe-memory-access=allow",  # Kafka still uses it; Java 25 warns of it
        "-Djava.net.preferIPv4Stack=true",
        f"-Dlog4j2.configurationFile={(broker.folder / 'log4j2.properties').absolute()}",
        *("-cp", class_path),
        *arguments,
    )
