"""What clients are given of passwords, tokens and certificates: paths, read as they connect."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed

from broker import client_mends
from broker.connection import Connection
from broker.credentials import aiokafka_options, check_files
from contract.errors import Misconfigured
from contract.kafka.security import KafkaSecurity
from contract.settings import Settings
from streams.transport.credentials import broker_credentials

SECRET = "correct horse"


def by_password(path: Path, **more: str) -> KafkaSecurity:
    given = {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_username": "u",
    }
    return KafkaSecurity(**given | {"sasl_password_file": str(path)} | more)  # type: ignore[arg-type]


def by_certificate(folder: Path) -> KafkaSecurity:
    """Write a certificate, its key and its authority's certificate."""
    authority = trustme.CA()
    made = authority.issue_cert("worker")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    made.cert_chain_pems[0].write_to_path(str(folder / "user.crt"))
    made.private_key_pem.write_to_path(str(folder / "user.key"))
    return KafkaSecurity(
        "SSL",
        ssl_ca_location=str(folder / "ca.pem"),
        ssl_certificate_location=str(folder / "user.crt"),
        ssl_key_location=str(folder / "user.key"),
    )


def test_a_password_is_read_anew_and_without_the_line_end_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "password"
    given = aiokafka_options(by_password(path))["sasl_plain_password"]
    read = []

    for text in (f"{SECRET}\n", f" {SECRET} \r\n"):
        path.write_text(text, newline="")
        read.append(given.read())

    assert read == [SECRET, f" {SECRET} "]


def test_no_client_no_repr_and_no_log_holds_a_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "password"
    path.write_text(SECRET)
    settings = Settings(
        kafka="127.0.0.1:1",
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_mechanism="PLAIN",
        kafka_sasl_username="u",
        kafka_sasl_password_file=str(path),
    )
    connection = Connection.of(settings)
    faust: Any = broker_credentials(connection)

    async def tried() -> Any:
        kept = client_mends._Connection("127.0.0.1", 1, **aiokafka_options(connection.security))
        with pytest.raises(OSError, match=r"refused|Connect"):
            await kept.connect()
        return kept

    shown = [settings, connection, faust, vars(faust), vars(asyncio.run(tried())), caplog.text]

    assert [each for each in shown if SECRET in repr(each)] == []
    assert faust.password == str(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), (b"", "is empty"), (b"\n", "is empty"), (b"\xff", "not UTF-8")],
)
def test_a_file_without_a_secret_is_named_with_its_setting(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(
        Misconfigured, match=rf"^{path}: {said}.*; QUAYMARK_KAFKA_SASL_PASSWORD_FILE names it$"
    ):
        check_files(by_password(path))


def test_files_of_tls_are_read_anew(tmp_path: Path) -> None:
    security = by_certificate(tmp_path)
    check_files(security)

    (tmp_path / "user.key").write_text("no key")

    with pytest.raises(
        Misconfigured, match=r"user\.key: .*expected the key of .*user\.crt .*SSL_KEY_LOCATION"
    ):
        check_files(security)


def test_a_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    by_certificate(other)
    security = by_certificate(tmp_path)
    (other / "user.key").rename(tmp_path / "user.key")

    with pytest.raises(Misconfigured, match=r"user\.key: key values mismatch"):
        check_files(security)


def test_what_is_trusted_must_be_certificates(tmp_path: Path) -> None:
    security = by_certificate(tmp_path)
    (tmp_path / "ca.pem").write_text("none")

    with pytest.raises(Misconfigured, match=r"ca\.pem: .*certificates in PEM.*SSL_CA_LOCATION"):
        check_files(security)


def test_a_secret_that_is_gone_while_a_client_runs_is_tried_again_and_told(tmp_path: Path) -> None:
    options = aiokafka_options(by_password(tmp_path / "gone"))

    async def go() -> None:
        connection = client_mends._Connection("127.0.0.1", 1, **options)
        with pytest.raises(KafkaConnectionError, match="gone: No such file"):  # aiokafka retries
            await connection.connect()

    asyncio.run(go())

    assert [line for line in client_mends.REFUSALS.current() if "gone: No such" in line]
    client_mends.REFUSALS.note("127.0.0.1:1", None)


def test_a_challenge_behind_a_token_is_the_brokers_no(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("a.b.c")
    security = KafkaSecurity("SASL_PLAINTEXT", "OAUTHBEARER", oauthbearer_token_file=str(path))

    async def go(challenge: bytes) -> Any:
        connection = client_mends._Connection("127.0.0.1", 1, **aiokafka_options(security))
        login = connection.authenticator_oauth()
        await login.step(None)
        return await login.step(challenge)

    assert asyncio.run(go(b"")) is None
    with pytest.raises(SaslAuthenticationFailed, match="invalid_token"):
        asyncio.run(go(b'{"status":"invalid_token"}'))


def test_faust_is_given_what_aiokafka_is(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("a.b.c")
    token = KafkaSecurity("SASL_SSL", "OAUTHBEARER", oauthbearer_token_file=str(path))
    certificate = by_certificate(tmp_path)
    made: list[Any] = [
        broker_credentials(Connection("k:1", security))
        for security in (KafkaSecurity(), certificate, token, by_password(path))
    ]

    assert made[0] is None
    assert made[1].context.security == certificate
    assert (made[1].protocol.value, made[2].protocol.value) == ("SSL", "SASL_SSL")
    assert made[2].oauth_cb.read() == "a.b.c"
    assert (made[3].protocol.value, made[3].username) == ("SASL_PLAINTEXT", "u")
