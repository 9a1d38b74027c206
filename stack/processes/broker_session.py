"""Kafka for one command: the broker that runs, or the folder's own, started and stopped again."""

from collections.abc import Iterator
from contextlib import contextmanager

from contract.settings import Settings
from stack.processes import kafka, lock
from stack.processes.child import GRACE_SECONDS
from stack.processes.children import Children
from stack.processes.jars import Say
from stack.processes.supervisor import KAFKA_SECONDS, own_broker
from stack.processes.tcp_ports import PortClaim, refuse_taken


@contextmanager
def kafka_at_hand(settings: Settings, say: Say) -> Iterator[None]:
    """A broker at QUAYMARK_KAFKA while the block runs.

    Only a folder that has data gets its broker started.

    Raises:
        StackError: it does not come up, or a town of this folder is just starting or stopping.
    """
    own = own_broker(settings)
    if own is None or kafka.answers(settings.kafka) or kafka.is_to_format(own.logs):
        yield
        return
    folder = own.folder.parent.parent
    children = Children(folder / "log", say)
    with lock.held(folder) as crashed:
        claims = [
            PortClaim(port, "kafka", "QUAYMARK_KAFKA") for port in (own.port, own.controller_port)
        ]
        refuse_taken(claims, GRACE_SECONDS + 5 if crashed else 0)
        say(f"Kafka does not run: started at {settings.kafka} for this command")
        try:
            child = children.start(kafka.prepare(own, say))
            children.wait(child, lambda: kafka.answers(settings.kafka), KAFKA_SECONDS)
            yield
        finally:
            children.stop()
