"""Kafka for one command: a broker that runs already, or the folder's own, started for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from broker.connection import Connection
from contract.settings import Settings
from stack.context import Say
from stack.processes import kafka, lock
from stack.processes.child import GRACE_SECONDS
from stack.processes.children import Children
from stack.processes.supervisor import KAFKA_SECONDS, own_broker
from stack.processes.tcp_ports import PortClaim, refuse_taken


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
