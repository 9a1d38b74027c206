"""Certificates of an HTTP server and of those who ask it: right, expired, of another authority."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from msgspec.structs import replace

from contract.http.access import HttpAccess

NAME = "quaymark"


class HttpCertificates:
    """A folder with ca.pem, other-ca.pem, and NAME.pem with NAME.key for server and clients."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.ca, self.other = trustme.CA(), trustme.CA()
        self.ca.cert_pem.write_to_path(str(folder / "ca.pem"))
        self.other.cert_pem.write_to_path(str(folder / "other-ca.pem"))
        past = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251  # a test is a door
        self.write("server", self.ca.issue_cert(NAME))
        self.write("server-expired", self.ca.issue_cert(NAME, not_after=past))
        self.write("server-elsewhere", self.ca.issue_cert("board.example"))
        self.write("client", self.ca.issue_cert("prometheus"))
        self.write("client-expired", self.ca.issue_cert("prometheus", not_after=past))
        self.write("client-other", self.other.issue_cert("prometheus"))
        (folder / "token").write_text("0123456789abcdef0123456789abcdef\n")
        (folder / "wrong-token").write_text("ffffffffffffffffffffffffffffffff\n")

    def write(self, name: str, made: trustme.LeafCert) -> None:
        """Write a certificate and its key, in place of those that are there."""
        chain = b"".join(part.bytes() for part in made.cert_chain_pems)
        (self.folder / f"{name}.pem").write_bytes(chain)
        (self.folder / f"{name}.key").write_bytes(made.private_key_pem.bytes())

    def path(self, name: str) -> str:
        """Return the path of a file."""
        return str(self.folder / name)

    def server(self, name: str = "server") -> HttpAccess:
        """Return the settings of a server by TLS, which asks for nothing."""
        return HttpAccess(
            tls_cert_file=self.path(f"{name}.pem"),
            tls_key_file=self.path(f"{name}.key"),
            ca_file=self.path("ca.pem"),
            server_name=NAME,
        )

    def asks_for_certificates(self) -> HttpAccess:
        """Return the settings of a server that asks for client certificates."""
        return replace(self.server(), client_ca_file=self.path("ca.pem"))

    def caller(self, certificate: str = "", token: str = "") -> HttpAccess:
        """Return the settings of a caller that shows a certificate, a token, both or neither."""
        return HttpAccess(
            ca_file=self.path("ca.pem"),
            server_name=NAME,
            client_cert_file=certificate and self.path(f"{certificate}.pem"),
            client_key_file=certificate and self.path(f"{certificate}.key"),
            token_file=token and self.path(token),
        )
