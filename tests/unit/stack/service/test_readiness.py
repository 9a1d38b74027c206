import socket
from pathlib import Path

from stack.service.readiness import notify


def test_systemd_hears_that_the_service_is_ready(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(5)

        notify({"NOTIFY_SOCKET": address}, "runs", ready=True)
        notify({"NOTIFY_SOCKET": address}, "stops")

        assert systemd.recv(100) == b"READY=1\nSTATUS=runs"
        assert systemd.recv(100) == b"STATUS=stops"


def test_systemd_may_listen_in_the_abstract_namespace() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("")  # the kernel picks a name there
        systemd.settimeout(5)
        name = systemd.getsockname()

        notify({"NOTIFY_SOCKET": "@" + name[1:].decode()}, "runs")

        assert systemd.recv(100) == b"STATUS=runs"


def test_in_a_terminal_and_with_nobody_listening_nothing_happens(tmp_path: Path) -> None:
    notify({}, "runs", ready=True)
    notify({"NOTIFY_SOCKET": str(tmp_path / "none")}, "runs", ready=True)
    notify({"NOTIFY_SOCKET": "vsock:2:1234"}, "runs", ready=True)
