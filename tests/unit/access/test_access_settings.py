"""The settings of our HTTP servers: half of them, files that are no such thing, open servers."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from access.request_guard import RequestGuard, is_loopback
from access.server_tls import ServerTls
from contract.errors import Misconfigured
from contract.http.access import HttpAccess
from contract.settings import Settings
from tests.unit.access.http_certificates import HttpCertificates


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"TLS_CERT_FILE": "c", "CA_FILE": "a"}, "TLS_KEY_FILE"),
        ({"TLS_KEY_FILE": "k"}, "TLS_CERT_FILE"),
        ({"TLS_CERT_FILE": "c", "TLS_KEY_FILE": "k"}, "CA_FILE"),
        ({"CLIENT_CA_FILE": "a"}, "TLS_CERT_FILE"),
        ({"CLIENT_CERT_FILE": "c", "CA_FILE": "a"}, "CLIENT_KEY_FILE"),
        ({"CLIENT_KEY_FILE": "k"}, "CLIENT_CERT_FILE"),
        ({"SERVER_NAME": "quaymark"}, "CA_FILE"),
    ],
)
def test_half_a_setting_is_refused_with_the_name_of_the_other_half(
    given: dict[str, str], lacking: str
) -> None:
    environ = {f"QUAYMARK_HTTP_{name}": value for name, value in given.items()}

    with pytest.raises(Misconfigured) as refused:
        Settings.from_env(environ)

    assert str(refused.value).startswith(f"QUAYMARK_HTTP_{lacking} is missing: QUAYMARK_HTTP_")


def test_whole_settings_are_taken() -> None:
    for given in (
        {},
        {"TOKEN_FILE": "t"},
        {"CA_FILE": "a", "TOKEN_FILE": "t"},
        {"TLS_CERT_FILE": "c", "TLS_KEY_FILE": "k", "CA_FILE": "a", "CLIENT_CA_FILE": "b"},
    ):
        Settings.from_env({f"QUAYMARK_HTTP_{name}": value for name, value in given.items()})


def test_a_token_in_the_environment_is_refused_without_saying_it() -> None:
    with pytest.raises(Misconfigured, match="name that in QUAYMARK_HTTP_TOKEN_FILE") as refused:
        Settings.from_env({"QUAYMARK_HTTP_TOKEN": "s3cret"})

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "short", "two tokens-of-more-than-16-characters", "a\n" * 9])
def test_what_is_no_token_is_refused_at_the_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "token"
    path.write_text(text)

    with pytest.raises(Misconfigured, match="QUAYMARK_HTTP_TOKEN_FILE"):
        RequestGuard(HttpAccess(token_file=str(path)))


def test_what_is_no_certificate_is_refused_at_the_start(tmp_path: Path) -> None:
    made = HttpCertificates(tmp_path)
    for broken, setting in (
        ("server.key", "QUAYMARK_HTTP_TLS_KEY_FILE"),
        ("ca.pem", "QUAYMARK_HTTP_CLIENT_CA_FILE"),
    ):
        whole = (tmp_path / broken).read_bytes()
        for wrong in (b"", b"no certificate", None):
            if wrong is None:
                (tmp_path / broken).unlink()
            else:
                (tmp_path / broken).write_bytes(wrong)
            with pytest.raises(Misconfigured, match=setting):
                ServerTls(made.asks_for_certificates())
        (tmp_path / broken).write_bytes(whole)
    ServerTls(made.asks_for_certificates())


@pytest.mark.parametrize(
    ("host", "proofs", "said"),
    [
        ("127.0.0.1", {}, []),
        ("0.0.0.0", {}, ["http.open_to_others"]),
        ("0.0.0.0", {"tls_cert_file": "c"}, ["http.open_to_others"]),
        ("0.0.0.0", {"token_file": "token"}, ["http.token_in_the_clear"]),
        ("0.0.0.0", {"token_file": "token", "tls_cert_file": "c"}, []),
        ("0.0.0.0", {"client_ca_file": "a", "tls_cert_file": "c"}, []),
    ],
)
def test_a_server_that_others_can_ask_or_listen_to_says_so(
    tmp_path: Path, host: str, proofs: dict[str, str], said: list[str]
) -> None:
    (tmp_path / "token").write_text("0123456789abcdef")
    if "token_file" in proofs:
        proofs = proofs | {"token_file": str(tmp_path / "token")}

    with capture_logs() as logs:
        RequestGuard(HttpAccess(**proofs)).warn_if_open(host, 6066)

    assert [line["event"] for line in logs] == said


def test_loopback_is_told_from_other_addresses() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert [is_loopback(host) for host in ("0.0.0.0", "10.0.0.1", "board")] == [False] * 3
