"""Where commands find the live workers, with a name server that answers what the test says."""

import socket
from unittest import mock

from contract.http.access import HttpAccess
from contract.settings import Settings
from stack.status.live_workers import live_exposition, worker_addresses


def _found(*hosts: str) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 6066)) for host in hosts]


def test_every_address_of_the_name_is_a_worker_once() -> None:
    answer = _found("172.18.0.9", "172.18.0.4", "172.18.0.9")
    with mock.patch("socket.getaddrinfo", return_value=answer):
        addresses = worker_addresses(Settings(worker_host="worker"))

    assert addresses == ("172.18.0.4:6066", "172.18.0.9:6066")


def test_an_unknown_name_is_returned_so_that_a_message_can_name_it() -> None:
    with mock.patch("socket.getaddrinfo", side_effect=socket.gaierror):
        assert worker_addresses(Settings(worker_host="worker")) == ("worker:6066",)


def test_a_worker_that_listens_on_all_addresses_is_asked_on_loopback() -> None:
    assert worker_addresses(Settings(metrics_host="0.0.0.0")) == ("127.0.0.1:6066",)


def test_workers_that_answer_are_shown_together_without_those_that_do_not() -> None:
    pages = {
        "10.0.0.1:6066": "a 1.0\n",
        "10.0.0.2:6066": None,
        "10.0.0.3:6066": "b 2.0\n",
    }

    def answered(_: HttpAccess, address: str, path: str) -> str | None:
        assert path == "/metrics"
        return pages[address]

    with (
        mock.patch("socket.getaddrinfo", return_value=_found("10.0.0.1", "10.0.0.2", "10.0.0.3")),
        mock.patch("stack.status.live_workers.ask", answered),
    ):
        assert live_exposition(Settings(worker_host="worker")) == "a 1.0\n\nb 2.0\n"
