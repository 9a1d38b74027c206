"""A real Kafka with a listener for each way to log in."""

from pathlib import Path

from msgspec.structs import asdict

from broker.connection import Connection
from contract.kafka.security import KafkaSecurity, setting
from stack.processes.kafka import Broker
from tests.integration.support.ports import free_port
from tests.integration.support.secured.certificates import write_certificates
from tests.integration.support.secured.configured_broker import (
    JAAS,
    ConfiguredBroker,
    plain_users,
)
from tests.integration.support.secured.requests import set_password
from tests.integration.support.secured.tokens import AUDIENCE, ISSUER, Issuer

USER = "worker"
"""The user who can log in by all ways."""
LISTENERS = {
    "PLAINTEXT": "PLAINTEXT",
    "SASL": "SASL_SSL",
    "MTLS": "SSL",
    "OAUTH": "SASL_SSL",
    "BARE": "SASL_PLAINTEXT",
    "EXPIRED": "SSL",
    "WRONGHOST": "SSL",
}
"""A listener -> its security protocol."""


class SecuredBroker(ConfiguredBroker):
    """A broker, its certificates, its issuer of tokens and its user's password."""

    def __init__(self, folder: Path) -> None:
        at = Broker(folder, free_port(), free_port(), heap_mb=384)
        self.ports = {name: free_port() for name in LISTENERS} | {"PLAINTEXT": at.port}
        self.certificates = folder / "certificates"
        write_certificates(self.certificates, USER)
        self.issuer = Issuer(self.certificates)
        allowed = "-Dorg.apache.kafka.sasl.oauthbearer.allowed"
        keys = f"{allowed}.urls={self.issuer.jwks.as_uri()} {allowed}.files={self.issuer.jwks}"
        super().__init__(at, self._properties(at), keys)

    def start(self) -> None:
        """Start it, and wait until it answers and knows the user's SCRAM password."""
        super().start()
        set_password(self.bootstrap, USER, password_of(USER))

    def server(self, listener: str) -> str:
        """Return the address of a listener."""
        return f"127.0.0.1:{self.ports[listener]}"

    def file(self, name: str) -> str:
        """Return the path of a certificate or a key."""
        return str(self.certificates / name)

    def secret(self, name: str, text: str) -> str:
        """Write a secret as an editor would, with a line end, and return the path of its file."""
        path = self.certificates / name
        path.write_text(f"{text}\n", encoding="utf-8")
        return str(path)

    def connection(self, listener: str, **settings: str) -> Connection:
        """Return a connection to a listener, by its protocol unless the settings name another."""
        protocol = LISTENERS[listener]
        trusted = {"ssl_ca_location": self.file("ca.pem")} if "SSL" in protocol else {}
        given = {"security_protocol": protocol} | trusted | settings
        if "SSL" not in given["security_protocol"]:
            given.pop("ssl_ca_location", None)
        return Connection(self.server(listener), KafkaSecurity(**given))  # type: ignore[arg-type]  # strings are checked by the test

    def by_password(
        self, mechanism: str = "SCRAM-SHA-512", user: str = USER, password: str = ""
    ) -> dict[str, str]:
        """Return the settings of a login by a password, by default the right one."""
        kind, password = ("wrong" if password else "right"), password or password_of(user)
        return {
            "sasl_mechanism": mechanism,
            "sasl_username": user,
            "sasl_password_file": self.secret(f"{kind}-password-of-{user}", password),
        }

    def by_certificate(self, name: str = "client") -> dict[str, str]:
        """Return the settings of a client certificate."""
        return {
            "ssl_certificate_location": self.file(f"{name}.pem"),
            "ssl_key_location": self.file(f"{name}.key"),
        }

    def by_token(self, token: str) -> dict[str, str]:
        """Return the settings of a login by a token."""
        path = self.secret(f"token-{hash(token)}", token)
        return {"sasl_mechanism": "OAUTHBEARER", "oauthbearer_token_file": path}

    def _properties(self, at: Broker) -> dict[str, str]:
        urls = ",".join(f"{name}://127.0.0.1:{port}" for name, port in self.ports.items())
        protocols = ",".join(f"{name}:{protocol}" for name, protocol in LISTENERS.items())
        plain = plain_users({USER: password_of(USER)})
        oauth = "listener.name.oauth.oauthbearer.sasl"
        return {
            "listeners": f"{urls},CONTROLLER://127.0.0.1:{at.controller_port}",
            "advertised.listeners": urls,
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": f"{protocols},CONTROLLER:PLAINTEXT",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.file("server.both"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.file("ca.pem"),
            "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/,DEFAULT",
            "listener.name.expired.ssl.keystore.location": self.file("server-expired.both"),
            "listener.name.wronghost.ssl.keystore.location": self.file("server-wrong-host.both"),
            "listener.name.mtls.ssl.client.auth": "required",
            "listener.name.sasl.sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
            "listener.name.sasl.connections.max.reauth.ms": "2000",
            "listener.name.sasl.scram-sha-512.sasl.jaas.config": (
                f"{JAAS}.scram.ScramLoginModule required;"
            ),
            "listener.name.sasl.plain.sasl.jaas.config": plain,
            "listener.name.bare.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.bare.plain.sasl.jaas.config": plain,
            "listener.name.oauth.sasl.enabled.mechanisms": "OAUTHBEARER",
            f"{oauth}.jaas.config": f"{JAAS}.oauthbearer.OAuthBearerLoginModule required;",
            f"{oauth}.server.callback.handler.class": (
                f"{JAAS}.oauthbearer.OAuthBearerValidatorCallbackHandler"
            ),
            f"{oauth}.oauthbearer.jwks.endpoint.url": self.issuer.jwks.as_uri(),
            f"{oauth}.oauthbearer.expected.audience": AUDIENCE,
            f"{oauth}.oauthbearer.expected.issuer": ISSUER,
        }


def settings_of(connection: Connection) -> dict[str, str]:
    """Return a connection as variables of the environment."""
    given = asdict(connection.security)
    return {"QUAYMARK_KAFKA": connection.servers} | {
        setting(name): value for name, value in given.items() if value
    }


def password_of(user: str) -> str:
    """Return the password that a user has at first."""
    return f"{user}-secret"
