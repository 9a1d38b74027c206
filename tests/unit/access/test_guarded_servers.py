"""Our HTTP servers answer whom the settings admit, and tell everybody else why not."""

import http.client
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from msgspec.structs import replace

from access.client import AccessRefused, ask
from access.server_tls import ServerTls
from contract.errors import Misconfigured
from contract.http.access import HttpAccess
from tests.unit.access.guarded_servers import PAGE, in_a_loop, threaded
from tests.unit.access.http_certificates import NAME, HttpCertificates

Serve = Callable[[HttpAccess], AbstractContextManager[str]]

each_server = pytest.mark.parametrize("serve", [threaded, in_a_loop])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> HttpCertificates:
    return HttpCertificates(tmp_path_factory.mktemp("certificates"))


@each_server
def test_without_settings_a_server_answers_everybody(serve: Serve) -> None:
    with serve(HttpAccess()) as address:
        assert ask(HttpAccess(), address, "/metrics") == PAGE


@each_server
def test_a_certificate_of_the_right_authority_is_answered(
    serve: Serve, made: HttpCertificates
) -> None:
    with serve(made.asks_for_certificates()) as address:
        assert ask(made.caller("client"), address, "/metrics") == PAGE


@each_server
@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("", "403, a client certificate is needed"),
        ("client-other", "does not take this client"),
        ("client-expired", "does not take this client"),
    ],
)
def test_no_certificate_or_a_wrong_one_is_refused(
    serve: Serve, made: HttpCertificates, shown: str, said: str
) -> None:
    with (
        serve(made.asks_for_certificates()) as address,
        pytest.raises(AccessRefused, match=said),
    ):
        ask(made.caller(shown), address, "/metrics")


@each_server
@pytest.mark.parametrize(
    ("server", "ca", "said"),
    [
        ("server-expired", "ca.pem", "certificate has expired"),
        ("server-elsewhere", "ca.pem", "Hostname mismatch.*QUAYMARK_HTTP_SERVER_NAME"),
        ("server", "other-ca.pem", "QUAYMARK_HTTP_CA_FILE .*other-ca.pem. says who may sign it"),
    ],
)
def test_a_server_with_a_wrong_certificate_is_not_asked(
    serve: Serve, made: HttpCertificates, server: str, ca: str, said: str
) -> None:
    with serve(made.server(server)) as address, pytest.raises(AccessRefused, match=said):
        ask(replace(made.caller(), ca_file=made.path(ca)), address, "/metrics")


@each_server
@pytest.mark.parametrize("by_tls", [False, True])
def test_the_right_token_is_answered_and_no_other(
    serve: Serve, made: HttpCertificates, by_tls: bool
) -> None:
    server, caller = made.server() if by_tls else HttpAccess(), HttpAccess()
    if by_tls:
        caller = made.caller()
    with serve(replace(server, token_file=made.path("token"))) as address:
        assert ask(replace(caller, token_file=made.path("token")), address, "/x") == PAGE
        for shown in ("wrong-token", ""):
            wrong = replace(caller, token_file=shown and made.path(shown))
            with pytest.raises(AccessRefused, match="401, expected `Authorization: Bearer"):
                ask(wrong, address, "/x")


@each_server
def test_a_certificate_and_a_token_are_both_needed_where_both_are_set(
    serve: Serve, made: HttpCertificates
) -> None:
    server = replace(made.asks_for_certificates(), token_file=made.path("token"))
    with serve(server) as address:
        assert ask(made.caller("client", "token"), address, "/x") == PAGE
        for certificate, token in (("client", ""), ("", "token")):
            with pytest.raises(AccessRefused):
                ask(made.caller(certificate, token), address, "/x")


@each_server
def test_a_probe_shows_nothing_and_a_sender_a_token_of_its_own(
    serve: Serve, made: HttpCertificates
) -> None:
    server = replace(made.asks_for_certificates(), token_file=made.path("token"))
    with serve(server) as address:
        assert ask(made.caller(), address, "/livez") == "alive\n"
        assert ask(made.caller(), address, "/readyz") == PAGE
        assert posted(address, made, "/events") == 200
        assert posted(address, made, "/readyz") == 403  # a probe posts nothing
        assert posted(address, made, "/metrics") == 403


def posted(address: str, made: HttpCertificates, path: str) -> int:
    """Post without a certificate and without our token; return the status."""
    context = ssl.create_default_context(cafile=made.path("ca.pem"))
    context.check_hostname = False
    connection = http.client.HTTPSConnection(address, timeout=10, context=context)
    connection.request("POST", path, b"{}")
    return connection.getresponse().status


@each_server
def test_a_renewed_certificate_is_used_without_a_restart(serve: Serve, tmp_path: Path) -> None:
    made = HttpCertificates(tmp_path)
    with serve(made.server()) as address:
        before = shown_by(address, made)
        made.write("server", made.ca.issue_cert(NAME))
        assert shown_by(address, made) != before

        kept = shown_by(address, made)
        (tmp_path / "server.pem").write_text("half of a cert")  # as a rotation may leave it
        assert shown_by(address, made) == kept


@each_server
def test_an_expired_certificate_does_not_replace_one_that_holds(
    serve: Serve, tmp_path: Path
) -> None:
    made = HttpCertificates(tmp_path)
    with serve(made.server()) as address:
        kept = shown_by(address, made)
        past = datetime.now(UTC) - timedelta(minutes=1)  # noqa: TID251  # a test is a door
        made.write("server", made.ca.issue_cert(NAME, not_after=past))
        with structlog.testing.capture_logs() as said:
            assert shown_by(address, made) == kept

    [line] = said
    assert line["event"] == "http.kept_its_certificate"
    assert "server.pem: expired on " in line["error"]


def test_a_server_says_at_its_start_that_its_certificate_has_expired(
    made: HttpCertificates,
) -> None:
    with structlog.testing.capture_logs() as said:
        ServerTls(made.server("server-expired"))

    assert [line["event"] for line in said] == ["http.certificate_expired"]


def test_a_file_without_a_certificate_is_named_not_its_key(made: HttpCertificates) -> None:
    with pytest.raises(Misconfigured, match="token: holds no certificate in PEM form"):
        ServerTls(replace(made.server(), tls_cert_file=made.path("token")))


def shown_by(address: str, made: HttpCertificates) -> bytes:
    """Return the certificate that a server shows."""
    host, _, port = address.partition(":")
    context = ssl.create_default_context(cafile=made.path("ca.pem"))
    with (
        socket.create_connection((host, int(port)), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as connection,
    ):
        return connection.getpeercert(binary_form=True) or b""


@each_server
def test_clients_of_an_authority_that_was_replaced_are_refused(
    serve: Serve, tmp_path: Path
) -> None:
    made = HttpCertificates(tmp_path)
    clients = tmp_path / "clients.pem"
    clients.write_bytes((tmp_path / "ca.pem").read_bytes())
    with serve(replace(made.server(), client_ca_file=str(clients))) as address:
        assert ask(made.caller("client"), address, "/x") == PAGE

        clients.write_bytes((tmp_path / "other-ca.pem").read_bytes())

        assert ask(made.caller("client-other"), address, "/x") == PAGE
        with pytest.raises(AccessRefused):
            ask(made.caller("client"), address, "/x")


@each_server
def test_a_changed_token_is_used_without_a_restart(serve: Serve, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a" * 32)
    access = HttpAccess(token_file=str(token))
    with serve(access) as address:
        token.write_text("b" * 32)
        assert ask(access, address, "/x") == PAGE
        token.unlink()
        request = http.client.HTTPConnection(address, timeout=10)
        request.request("GET", "/x", headers={"Authorization": f"Bearer {'b' * 32}"})
        assert request.getresponse().status == 503


@each_server
def test_a_caller_who_says_nothing_holds_up_nobody(serve: Serve, made: HttpCertificates) -> None:
    with serve(made.server()) as address:
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port)), timeout=10):
            assert ask(made.caller(), address, "/x") == PAGE


@each_server
def test_plain_http_and_tls_are_told_apart(serve: Serve, made: HttpCertificates) -> None:
    with serve(HttpAccess()) as address, pytest.raises(AccessRefused, match="without TLS"):
        ask(made.caller(), address, "/x")
    with serve(made.server()) as address:
        assert ask(HttpAccess(), address, "/x") is None
