"""Why a broker refuses a connection: one line that says what was wrong, where, and what to do.

What aiokafka raises for each fault was found on brokers; tests/integration/security shows it.
"""

import base64
import json
import ssl
import time
from datetime import UTC, datetime

from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from msgspec import Struct

from access.credential_files import certificate_in
from broker.credentials import TokenFile
from contract.errors import Misconfigured
from contract.kafka.security import KafkaSecurity, setting

__all__ = ["Refusals", "certificate_line", "refusal_line"]

FORGET_SECONDS = 60.0  # a broker that left the cluster is asked no more; aiokafka asks the others


class Refusals:
    """The brokers that refused the newest connection to them: server -> the line that says why."""

    def __init__(self) -> None:
        self._noted: dict[str, _Noted] = {}

    def note(self, server: str, line: str | None) -> None:
        """Note how the newest connection to a server ended; None: the server took it."""
        self._noted.pop(server, None)
        if line is not None:
            self._noted[server] = _Noted(line, time.monotonic())

    def current(self) -> list[str]:
        """Return the lines of the last minute, the newest last."""
        since = time.monotonic() - FORGET_SECONDS
        return [noted.line for noted in self._noted.values() if noted.at >= since]


class _Noted(Struct, frozen=True):
    line: str
    at: float


def refusal_line(error: BaseException, security: KafkaSecurity, server: str) -> str | None:
    """Return the line for an error of a new connection; None if it is no certain refusal.

    `server` is host:port.
    """
    kafka = f"Kafka at {server}"
    match error:
        case SaslAuthenticationFailed():
            return _login_line(str(error.args[0] if error.args else ""), security, kafka)
        case UnsupportedSaslMechanismError():
            return (
                f"{kafka} offers no login by {security.sasl_mechanism}: "
                f"{setting('sasl_mechanism')} names the mechanism"
            )
        case IllegalSaslStateError():
            return f"{kafka} asks for no login: {_choose('without SASL_')}"
        case ssl.SSLCertVerificationError():
            return _unverified_line(error, security, kafka)
        case Misconfigured():
            return str(error)
    return None


def certificate_line(security: KafkaSecurity, server: str) -> str:
    """Return the line for a broker that closes a connection right after TLS has begun.

    TLS 1.3 tells a client no reason: what can be said stands in the client's own certificate.
    """
    closed = f"Kafka at {server} closes the connection once TLS has begun"
    if not security.ssl_certificate_location:
        return (
            f"{closed}: it asks for a client certificate; {setting('ssl_certificate_location')} "
            f"and {setting('ssl_key_location')} name one, or {_choose('SASL_SSL')} to log in"
        )
    return (
        f"{closed}: it refuses the client certificate in {security.ssl_certificate_location} "
        f"({_certificate(security.ssl_certificate_location)}); "
        "the broker's log says why"
    )


def _login_line(words: str, security: KafkaSecurity, kafka: str) -> str:
    if token := security.oauthbearer_token_file:
        return (
            f"{kafka} refuses the token in {token} ({_claims(security)}), and says {words}: is it "
            "still valid, and are audience and issuer those that the broker expects?"
        )
    return (
        f"{kafka} refuses user {security.sasl_username}: {words}; is the password in "
        f"{security.sasl_password_file} the one of this user ({setting('sasl_username')}, "
        f"{setting('sasl_password_file')})?"
    )


def _unverified_line(
    error: ssl.SSLCertVerificationError, security: KafkaSecurity, kafka: str
) -> str:
    why = error.verify_message.rstrip(".")
    said = f"{kafka} shows a certificate that is refused: {why}"
    if "match" in why:  # "Hostname mismatch …" or "IP address mismatch …"
        return f"{said}; QUAYMARK_KAFKA must name a host that is in the certificate"
    if "expired" in why or "not yet valid" in why:
        return f"{said}; the broker needs a new one"
    trusted = security.ssl_ca_location or "the system's trusted certificates"
    return f"{said}; {trusted} must hold its issuer ({setting('ssl_ca_location')})"


def _choose(protocol: str) -> str:
    return f"{setting('security_protocol')} should be {protocol}"


def _certificate(path: str) -> str:
    """Return the dates and the issuer of the first certificate in a file, in words."""
    try:
        found = certificate_in(path)
    except (OSError, ValueError):
        return "it can't be read"
    issuer = ", ".join(f"{name} {value}" for ((name, value), *_) in found["issuer"])
    return f"valid from {found['notBefore']} to {found['notAfter']}, issued by {issuer}"


def _claims(security: KafkaSecurity) -> str:
    """Return what a token says of itself, in words: none of it is secret, the signature is."""
    try:
        part = TokenFile(security).read().split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        expiry = datetime.fromtimestamp(claims["exp"], UTC)
    except (Misconfigured, ValueError, LookupError, TypeError, OverflowError):
        return "no JSON Web Token"
    return f"exp {expiry:%Y-%m-%d %H:%M:%S}Z, aud {claims.get('aud')}, iss {claims.get('iss')}"


def closed_by_broker(error: BaseException) -> bool:
    """Return whether a broker took a connection and then closed it without a word."""
    return isinstance(error, KafkaConnectionError | ConnectionResetError | EOFError | ssl.SSLError)
