"""What a client shows a broker: passwords, tokens and certificates, read from their files.

A client holds the paths, and each new connection reads the files: after a rotation the next
connection uses what is in them then.  No client, no log and no error holds a secret.
"""

import ssl
from collections.abc import Mapping
from typing import Any

from aiokafka.abc import AbstractTokenProvider
from msgspec import Struct

from access.credential_files import load_pem, secret, text
from contract.kafka.security import KafkaSecurity, setting

__all__ = ["PasswordFile", "TlsFiles", "TokenFile", "aiokafka_options", "check_files"]


class PasswordFile(str):
    """The path of the file with a password, which clients are given in the password's place."""

    security: KafkaSecurity

    @classmethod
    def of(cls, security: KafkaSecurity) -> "PasswordFile":
        """Return the path in the settings."""
        path = cls(security.sasl_password_file)
        path.security = security
        return path

    def read(self) -> str:
        """Return the password that is in the file now.

        Raises:
            Misconfigured: the file can't be read, or is empty.
        """
        return _secret(self.security, "sasl_password_file")


class TokenFile(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """A token that is read anew each time: Kubernetes replaces a projected one as it ages."""

    def __init__(self, security: KafkaSecurity) -> None:
        self.security = security

    async def token(self) -> str:
        """Return the token that is in the file now.

        Raises:
            Misconfigured: the file can't be read, or is empty.
        """
        return self.read()

    def read(self) -> str:
        """Return what `token` does, to callers that can't wait."""
        return _secret(self.security, "oauthbearer_token_file")


class TlsFiles(Struct, frozen=True):
    """The files of TLS, which clients are given in an SSLContext's place."""

    security: KafkaSecurity

    def context(self) -> ssl.SSLContext:
        """Return a context with the certificates and the key that are in the files now.

        It checks the broker's certificate and its host name; nothing turns that off.

        Raises:
            Misconfigured: a file can't be read, or is not what its setting asks for.
        """
        security = self.security
        ca = security.ssl_ca_location
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if not ca:
            context.load_default_certs()
        else:
            load_pem(
                lambda: context.load_verify_locations(ca),
                ca,
                setting("ssl_ca_location"),
                "certificates in PEM form",
            )
        if certificate := security.ssl_certificate_location:
            key = security.ssl_key_location
            with_password = bool(security.ssl_key_password_file)
            password = _secret(security, "ssl_key_password_file") if with_password else ""
            text(certificate, setting("ssl_certificate_location"))
            load_pem(
                # without a password OpenSSL would ask for one on the terminal
                lambda: context.load_cert_chain(certificate, key, lambda: password),
                key,
                setting("ssl_key_location"),
                f"the key of {certificate} in PEM form"
                + (f" under the password in {security.ssl_key_password_file}" * with_password),
            )
        return context


def check_files(security: KafkaSecurity) -> None:
    """Read all files once, so that a fault of theirs is told before anything connects.

    Raises:
        Misconfigured: which file, its setting, and what is wrong.
    """
    if security.by_tls:
        TlsFiles(security).context()
    if security.sasl_password_file:
        PasswordFile.of(security).read()
    if security.oauthbearer_token_file:
        TokenFile(security).read()


def aiokafka_options(security: KafkaSecurity) -> Mapping[str, Any]:
    """Return the options of aiokafka's clients that say how they log in."""
    options: dict[str, Any] = {"security_protocol": security.security_protocol}
    if security.by_tls:
        options["ssl_context"] = TlsFiles(security)
    if security.by_sasl:
        options["sasl_mechanism"] = security.sasl_mechanism
        if security.oauthbearer_token_file:
            options["sasl_oauth_token_provider"] = TokenFile(security)
        else:
            options["sasl_plain_username"] = security.sasl_username
            options["sasl_plain_password"] = PasswordFile.of(security)
    return options


def _secret(security: KafkaSecurity, name: str) -> str:
    return secret(getattr(security, name), setting(name))
