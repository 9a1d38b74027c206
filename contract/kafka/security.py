"""How a client proves to Kafka who it is: the settings of TLS and SASL, and which need each other.

The names are those of librdkafka, with `_` for `.`; all files are PEM or plain text.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, structs

from contract.errors import Misconfigured

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT"]
SaslMechanism = Literal["", "SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"]

PREFIX = "QUAYMARK_KAFKA_"
SECRETS = (
    "QUAYMARK_KAFKA_SASL_PASSWORD",
    "QUAYMARK_KAFKA_SSL_KEY_PASSWORD",
    "QUAYMARK_KAFKA_OAUTHBEARER_TOKEN",
    "QUAYMARK_HTTP_TOKEN",
)
"""Secrets; with `_FILE` behind it each is the setting that names the file with it."""

_TLS = {"ssl_ca_location", "ssl_certificate_location", "ssl_key_location", "ssl_key_password_file"}
_PASSWORD = {"sasl_username", "sasl_password_file"}
_TOKEN = {"oauthbearer_token_file"}
_NEEDED_WITH = {
    "ssl_certificate_location": "ssl_key_location",
    "ssl_key_location": "ssl_certificate_location",
    "ssl_key_password_file": "ssl_key_location",
}
"""A setting -> the one without which it is half a setting."""


class KafkaSecurity(Struct, frozen=True):
    """The settings of TLS and SASL; each is read from `QUAYMARK_KAFKA_` and its name."""

    security_protocol: SecurityProtocol = "PLAINTEXT"
    sasl_mechanism: SaslMechanism = ""
    sasl_username: str = ""
    sasl_password_file: str = ""
    ssl_ca_location: str = ""
    """Path of the certificates that are trusted; empty: those that the system trusts."""
    ssl_certificate_location: str = ""
    ssl_key_location: str = ""
    ssl_key_password_file: str = ""
    oauthbearer_token_file: str = ""

    @property
    def by_tls(self) -> bool:
        """Whether connections are encrypted, and the broker shows a certificate."""
        return self.security_protocol in ("SSL", "SASL_SSL")

    @property
    def by_sasl(self) -> bool:
        """Whether the client logs in by a password or a token."""
        return self.security_protocol in ("SASL_SSL", "SASL_PLAINTEXT")

    @property
    def by_sasl_or_tls(self) -> bool:
        """Whether connections are any but plain ones."""
        return self.by_sasl or self.by_tls

    def refuse_half(self) -> None:
        """Refuse settings of which one needs another, or that nothing uses.

        Raises:
            Misconfigured: which, and what it needs.
        """
        given = {name for name in structs.asdict(self) if getattr(self, name)}
        needed = self._needed()
        for name in sorted(needed - given):
            raise Misconfigured(f"{setting(name)} is missing: {self._way} needs it")
        for name, other in _NEEDED_WITH.items():
            if name in given and other not in given:
                raise Misconfigured(f"{setting(other)} is missing: {setting(name)} needs it")
        usable = needed | {"security_protocol"} | (_TLS if self.by_tls else set())
        for name in sorted(given - usable):
            raise Misconfigured(
                f"{setting(name)} is set, but {self._way} does not use it: leave it out, or "
                f"choose another {setting('security_protocol')}"
            )

    @property
    def _way(self) -> str:
        return f"{self.security_protocol} {self.sasl_mechanism if self.by_sasl else ''}".rstrip()

    def _needed(self) -> set[str]:
        if not self.by_sasl:
            return set()
        if not self.sasl_mechanism:
            return {"sasl_mechanism"}
        own = _TOKEN if self.sasl_mechanism == "OAUTHBEARER" else _PASSWORD
        return {"sasl_mechanism"} | own


def setting(name: str) -> str:
    """Return the environment variable of a field of `KafkaSecurity`."""
    return PREFIX + name.upper()


def refuse_secrets(environ: Mapping[str, str]) -> None:
    """Refuse a secret that stands in the environment, where other processes can read it.

    Raises:
        Misconfigured: which, without its value, and the setting that takes its place.
    """
    for secret in SECRETS:
        if secret in environ:
            raise Misconfigured(
                f"{secret} is a secret, and other processes can read the environment: "
                f"write it to a file that only this user may read, and name that in {secret}_FILE"
            )
