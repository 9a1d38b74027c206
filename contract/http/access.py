"""Who may ask our HTTP servers, and what our own commands and Prometheus show them."""

from typing import Literal

from msgspec import Struct, structs

from contract.errors import Misconfigured

PREFIX = "QUAYMARK_HTTP_"
OPEN_PATHS = ("/livez", "/readyz", "/healthz")
"""What a probe asks, which can show neither a certificate nor a token."""

_NEEDED_WITH = {
    "tls_cert_file": ("tls_key_file", "ca_file"),
    "tls_key_file": ("tls_cert_file",),
    "client_ca_file": ("tls_cert_file",),
    "client_cert_file": ("client_key_file", "ca_file"),
    "client_key_file": ("client_cert_file",),
    "server_name": ("ca_file",),
}
"""A setting -> those without which it is half a setting."""


class HttpAccess(Struct, frozen=True):
    """The settings of TLS and tokens; each is read from `QUAYMARK_HTTP_` and its name.

    The first four are the server's, the others those of whoever asks; both know the token.
    """

    tls_cert_file: str = ""
    tls_key_file: str = ""
    client_ca_file: str = ""
    """Path of the certificates that may sign those of clients; empty: none is asked for."""
    token_file: str = ""
    ca_file: str = ""
    """Path of the certificates that may sign the servers'; given, servers are asked by TLS."""
    client_cert_file: str = ""
    client_key_file: str = ""
    server_name: str = ""
    """The name that the servers' certificates bear; empty: the host that is asked."""

    @property
    def scheme(self) -> Literal["http", "https"]:
        """How our servers are asked."""
        return "https" if self.ca_file else "http"

    def refuse_half(self) -> None:
        """Refuse settings of which one needs another.

        Raises:
            Misconfigured: which, and what it needs.
        """
        given = {name for name in structs.asdict(self) if getattr(self, name)}
        for name, others in _NEEDED_WITH.items():
            for other in others:
                if name in given and other not in given:
                    raise Misconfigured(f"{setting(other)} is missing: {setting(name)} needs it")


def setting(name: str) -> str:
    """Return the environment variable of a field of `HttpAccess`."""
    return PREFIX + name.upper()
