"""The TLS of our HTTP servers: it follows its files, so that a renewed certificate is used."""

import os
import ssl
import time
from typing import Any

import structlog

from access.credential_files import certificate_in, load_pem, text
from contract.errors import Misconfigured
from contract.http.access import HttpAccess, setting

log = structlog.get_logger(__name__)


class ServerTls:
    """The certificate, key and clients' authorities that are in the files at each connection.

    Files that can't be used while a server runs, such as a certificate that has expired or whose
    key is not there yet, leave what was there before in use.
    """

    def __init__(self, access: HttpAccess) -> None:
        """Read the files.

        Raises:
            Misconfigured: a file can't be read, or is not what its setting asks for.
        """
        self._access = access
        self._read = self._stamps()
        self._newest = _context(access)
        try:
            refuse_expired(access)
        except Misconfigured as error:  # what the server is for goes on, though nobody asks it
            log.error("http.certificate_expired", error=str(error))
        self.listening = _context(access)
        """The context to listen with; each handshake goes on with the newest one."""
        self.listening.sni_callback = self._use_newest

    def _use_newest(self, connection: Any, _name: str | None, _listening: Any) -> None:
        """Give a connection that begins what is in the files; OpenSSL calls it each time."""
        if (stamps := self._stamps()) != self._read:
            self._read = stamps
            try:
                newest = _context(self._access)
                refuse_expired(self._access)
            except Misconfigured as error:
                log.error("http.kept_its_certificate", error=str(error))
            else:
                self._newest = newest
                until = certificate_in(self._access.tls_cert_file)["notAfter"]
                log.info("http.renewed_its_certificate", until=until)
        connection.context = self._newest

    def _stamps(self) -> tuple[tuple[int, int, int], ...]:
        """Return what changes when a file does; a link of Kubernetes's leads to another file."""
        access = self._access
        return tuple(
            _stamp(path)
            for path in (access.tls_cert_file, access.tls_key_file, access.client_ca_file)
            if path
        )


def refuse_expired(access: HttpAccess) -> None:
    """Refuse a certificate that has expired.

    Raises:
        Misconfigured: when it expired.
    """
    until = certificate_in(access.tls_cert_file)["notAfter"]
    if ssl.cert_time_to_seconds(until) < time.time():  # noqa: TID251  # TLS has the real time
        raise Misconfigured(
            f"{access.tls_cert_file}: expired on {until}; {setting('tls_cert_file')} names it"
        )


def _stamp(path: str) -> tuple[int, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _context(access: HttpAccess) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # a resumed session would bring an old proof along: each connection proves anew
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    certificate, key = access.tls_cert_file, access.tls_key_file
    text(certificate, setting("tls_cert_file"))
    try:
        certificate_in(certificate)
    except ValueError:
        raise Misconfigured(
            f"{certificate}: holds no certificate in PEM form; {setting('tls_cert_file')} names it"
        ) from None
    load_pem(
        # without a password OpenSSL would ask for one on the terminal
        lambda: context.load_cert_chain(certificate, key, lambda: ""),
        key,
        setting("tls_key_file"),
        f"the key of {certificate} in PEM form, without a password",
    )
    if ca := access.client_ca_file:
        # a request without a certificate is answered: probes have none (RequestGuard)
        context.verify_mode = ssl.CERT_OPTIONAL
        load_pem(
            lambda: context.load_verify_locations(ca),
            ca,
            setting("client_ca_file"),
            "certificates in PEM form",
        )
    return context
