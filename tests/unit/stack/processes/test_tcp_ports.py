import socket
import threading

import pytest

from contract.errors import StackError
from stack.processes.tcp_ports import PortClaim, free_port, listens, refuse_taken


def test_a_taken_port_is_named_with_its_child_and_its_setting() -> None:
    free = PortClaim(free_port(), "worker", "QUAYMARK_METRICS_PORT")
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = PortClaim(server.getsockname()[1], "kafka", "QUAYMARK_KAFKA")

        with pytest.raises(StackError) as refusal:
            refuse_taken((free, taken))

    assert str(refusal.value) == (
        f"port {taken.port} is in use, but kafka needs it: "
        "stop the other program, or change QUAYMARK_KAFKA"
    )
    refuse_taken((free, taken))


def test_a_port_that_becomes_free_in_time_is_waited_for() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    claim = PortClaim(server.getsockname()[1], "worker", "QUAYMARK_METRICS_PORT")
    timer = threading.Timer(0.3, server.close)
    timer.start()

    refuse_taken((claim,), patience_seconds=60)
    timer.join()

    assert not listens("127.0.0.1", claim.port)


def test_listens_tells_a_server_from_none() -> None:
    port = free_port()
    assert not listens("127.0.0.1", port)

    with socket.create_server(("127.0.0.1", port)):
        assert listens("127.0.0.1", port)
