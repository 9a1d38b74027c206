"""The folder's own broker, and Kafka for one command: a broker that runs already, or this one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from broker.connection import Connection
from contract.settings import Settings
from stack.context import Say
from stack.processes import kafka, lock
from stack.processes.child import GRACE_SECONDS
from stack.processes.children import Children
from stack.processes.kafka import Broker
from stack.processes.tcp_ports import PortClaim, refuse_taken

KAFKA_SECONDS = 300  # 4 s on an idle machine, 90 on a very busy one; longer after a crash


def own_broker(settings: Settings) -> Broker | None:
    """Return the broker to start, which is plain and on loopback; None for one that is not."""
    host, _, port = settings.kafka.rpartition(":")
    if host not in ("127.0.0.1", "localhost") or settings.kafka_security.by_sasl_or_tls:
        return None
    return Broker.at(Path(settings.folder).absolute() / "data/kafka", int(port))


@contextmanager
def running_broker(settings: Settings, say: Say) -> Iterator[None]:
    """Run the block with a broker at QUAYMARK_KAFKA.

    The folder's own broker is started if none answers and the folder holds data; it is stopped
    after the block.

    Raises:
        StackError: the broker does not come up, or `quaymark up` is starting or stopping in this
            folder.
    """
    own = own_broker(settings)
    connection = Connection.of(settings)
    if own is None or kafka.answers(connection) or kafka.needs_formatting(own.logs):
        yield
        return
    folder = own.folder.parent.parent
    children = Children(folder / "log", say)
    with lock.held(folder) as crashed:
        claims = [
            PortClaim(port, "kafka", "QUAYMARK_KAFKA") for port in (own.port, own.controller_port)
        ]
        refuse_taken(claims, GRACE_SECONDS + 5 if crashed else 0)
        say(f"no Kafka was running: it is started at {settings.kafka} for this command")
        try:
            child = children.start(kafka.prepare(own, say))
            children.wait(child, lambda: kafka.answers(connection), KAFKA_SECONDS)
            yield
        finally:
            children.stop()
