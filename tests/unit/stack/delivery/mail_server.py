"""A mail server on loopback: STARTTLS, a login, and refusals or silence as a test wants."""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

NEVER, FULL = "gone@port.example", "full@port.example"
"""Addresses that the server refuses for good, and for now."""


class Mailbox:
    """What came, and how the server behaves."""

    def __init__(self) -> None:
        self.came: list[Any] = []
        self.silent, self.full = False, True

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Refuse two addresses."""
        if address == NEVER:
            return "550 no such user"
        if address == FULL and self.full:
            return "450 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a message, or say nothing for longer than anyone waits."""
        if self.silent:
            await asyncio.sleep(5)  # its client waits 0.3 s
        self.came.append(envelope)
        return "250 taken"


@contextlib.contextmanager
def mail_server(mailbox: Mailbox, port: int, pem: Path | None = None) -> Iterator[ssl.SSLContext]:
    """Run a server that wants STARTTLS and the login quaymark/right; yield who trusts it.

    `pem` is a file for another process that is to trust it.
    """
    authority = trustme.CA()
    if pem:
        authority.cert_pem.write_to_path(str(pem))
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(own)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)

    def login(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> Any:
        right = isinstance(given, LoginPassword) and given.password == b"right"
        return AuthResult(success=right, handled=False)

    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        tls_context=own,
        require_starttls=True,
        authenticator=login,
        auth_required=True,
    )
    controller.start()
    try:
        yield trusted
    finally:
        controller.stop()
