"""Logins by each of four ways, right ones and wrong ones, on a broker that asks for them."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.admin import cluster_id
from broker.connection import Connection
from contract.errors import StackError
from tests.integration.support.ports import free_port
from tests.integration.support.secured.certificates import KEY_PASSWORD
from tests.integration.support.secured.secured_broker import USER, SecuredBroker, settings_of
from tests.unit.stack.command_line import quaymark

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("secured")]

SOON_SECONDS = 5.0  # who mistyped a setting does not wait longer

Way = Callable[[SecuredBroker], Connection]

RIGHT: dict[str, Way] = {
    "scram": lambda b: b.connection("SASL", **b.by_password()),
    "plain": lambda b: b.connection("SASL", **b.by_password("PLAIN")),
    "plain without TLS": lambda b: b.connection("BARE", **b.by_password("PLAIN")),
    "certificate": lambda b: b.connection("MTLS", **b.by_certificate()),
    "certificate with a locked key": lambda b: b.connection(
        "MTLS",
        ssl_certificate_location=b.file("client.pem"),
        ssl_key_location=b.file("client-locked.key"),
        ssl_key_password_file=b.secret("key-password", KEY_PASSWORD),
    ),
    "token": lambda b: b.connection("OAUTH", **b.by_token(b.issuer.token(USER))),
    "one of two servers refuses": lambda b: _both(
        b.connection("EXPIRED"), b.connection("SASL", **b.by_password())
    ),
}

WRONG: dict[str, tuple[Way, str]] = {
    "scram password": (
        lambda b: b.connection("SASL", **b.by_password(password="wrong")),
        r"refuses user worker: Authentication failed .* SCRAM-SHA-512; is the password in "
        r"\S+wrong-password-of-worker the one of this user \(QUAYMARK_KAFKA_SASL_USERNAME",
    ),
    "scram user": (
        lambda b: b.connection("SASL", **b.by_password(user="stranger")),
        r"refuses user stranger: Authentication failed",
    ),
    "plain password": (
        lambda b: b.connection("SASL", **b.by_password("PLAIN", password="wrong")),
        r"refuses user worker: Authentication failed: Invalid username or password; is the",
    ),
    "mechanism": (
        lambda b: b.connection("SASL", **b.by_password("SCRAM-SHA-256")),
        r"offers no login by SCRAM-SHA-256: QUAYMARK_KAFKA_SASL_MECHANISM names",
    ),
    "token of another audience": (
        lambda b: b.connection("OAUTH", **b.by_token(b.issuer.token(USER, aud="other"))),
        r"refuses the token in \S+ \(exp 20.*Z, aud other, iss https://issuer.example\), and says "
        r".*invalid_token",
    ),
    "expired token": (
        lambda b: b.connection("OAUTH", **b.by_token(b.issuer.token(USER, seconds=-600))),
        r"refuses the token in .*: is it still valid",
    ),
    "no token": (
        lambda b: b.connection("OAUTH", **b.by_token("a.b.c")),
        r"refuses the token in \S+ \(no JSON Web Token\)",
    ),
    "authority": (
        lambda b: b.connection("SASL", **b.by_password(), ssl_ca_location=b.file("other-ca.pem")),
        r"refused: unable to get local issuer certificate; \S+other-ca\.pem must hold its issuer "
        r"\(QUAYMARK_KAFKA_SSL_CA_LOCATION\)",
    ),
    "the system's authorities": (
        lambda b: b.connection("SASL", **b.by_password(), ssl_ca_location=""),
        r"the system's trusted certificates must hold its issuer",
    ),
    "expired certificate of the broker": (
        lambda b: b.connection("EXPIRED"),
        r"a certificate that is refused: certificate has expired; the broker needs a new one",
    ),
    "host that is not in the broker's certificate": (
        lambda b: b.connection("WRONGHOST"),
        r"not valid for '127\.0\.0\.1'; QUAYMARK_KAFKA must name a host that is in the",
    ),
    "no client certificate": (
        lambda b: b.connection("MTLS"),
        r"it asks for a client certificate; QUAYMARK_KAFKA_SSL_CERTIFICATE_LOCATION and",
    ),
    "expired client certificate": (
        lambda b: b.connection("MTLS", **b.by_certificate("client-expired")),
        r"it refuses the client certificate in \S+client-expired\.pem \(valid from .* to .*, "
        r"issued by .*\); the broker's log says why",
    ),
    "client certificate of another authority": (
        lambda b: b.connection("MTLS", **b.by_certificate("client-other")),
        r"it refuses the client certificate in \S+client-other\.pem",
    ),
    "plain text to a listener with TLS": (
        lambda b: b.connection("SASL", security_protocol="PLAINTEXT"),
        r"expects TLS: QUAYMARK_KAFKA_SECURITY_PROTOCOL should be SSL or SASL_SSL",
    ),
    "TLS to a plain listener": (
        lambda b: b.connection("PLAINTEXT", security_protocol="SSL"),
        r"does not speak TLS: QUAYMARK_KAFKA_SECURITY_PROTOCOL should be without SSL",
    ),
    "TLS without a login": (
        lambda b: b.connection("SASL", security_protocol="SSL"),
        r"answers no request without a login: QUAYMARK_KAFKA_SECURITY_PROTOCOL should be SASL_SSL",
    ),
    "plain text without a login": (
        lambda b: b.connection("BARE", security_protocol="PLAINTEXT"),
        r"should be SASL_PLAINTEXT, with QUAYMARK_KAFKA_SASL_MECHANISM",
    ),
    "login where there is none": (
        lambda b: b.connection(
            "PLAINTEXT", security_protocol="SASL_PLAINTEXT", **b.by_password("PLAIN")
        ),
        r"asks for no login: QUAYMARK_KAFKA_SECURITY_PROTOCOL should be without SASL_",
    ),
}


@pytest.mark.parametrize("way", RIGHT)
def test_who_shows_what_is_right_is_let_in(secured: SecuredBroker, way: str) -> None:
    assert len(cluster_id(RIGHT[way](secured))) == 22  # a UUID in base64


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_one_line_within_seconds_and_exit_code_2(
    secured: SecuredBroker, wrong: str, tmp_path: Path
) -> None:
    way, line = WRONG[wrong]
    connection = way(secured)
    since = time.monotonic()

    done = quaymark(("topics",), tmp_path, settings_of(connection))

    assert time.monotonic() - since < SOON_SECONDS
    assert re.match(rf"error: Kafka at {connection}.*(?:{line})", done.stderr), done.stderr
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert not [secret for secret in ("-secret", "eyJ") if secret in done.stderr]


def test_a_server_that_is_not_there_is_no_refusal(secured: SecuredBroker) -> None:
    nowhere = Connection(f"127.0.0.1:{free_port()}", secured.connection("EXPIRED").security)

    with pytest.raises(StackError, match="Unable to bootstrap"):
        cluster_id(nowhere)


def _both(one: Connection, other: Connection) -> Connection:
    return Connection(f"{one},{other}", other.security)
