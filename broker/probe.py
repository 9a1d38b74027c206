"""The probe: whether the brokers refuse what they are shown, or are not there.

aiokafka says of both that it is unable to bootstrap.  The probe connects to each bootstrap server,
asks for metadata once, and finds the one line for whoever has to mend it.
"""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any

from aiokafka.conn import create_conn, get_ip_port_afi
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from broker.refusal import certificate_line, closed_by_broker, refusal_line
from contract.kafka.security import KafkaSecurity, setting

__all__ = ["found_refusal"]

ANSWER_SECONDS = 3.0
TRIES = 3  # a broker that is going down closes connections too: once more, and it is not there
PAUSE_SECONDS = 0.3


async def found_refusal(
    servers: str, security: KafkaSecurity, options: Mapping[str, Any]
) -> str | None:
    """Return why the brokers refuse; None if one answers, or none can be reached.

    `servers` are bootstrap servers, host:port,host:port; `options` are those of every client.
    """
    asked = [
        asyncio.ensure_future(_Asked(server, security, options).refusal())
        for server in servers.split(",")
    ]
    found: list[str] = []
    try:
        for answer in asyncio.as_completed(asked):
            try:
                found.append(await answer)
            except _Answers:
                return None
            except _NotThere:
                continue
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    return found[0] if found else None


class _Answers(Exception):
    """The server answers."""


class _NotThere(Exception):
    """Nothing answers at the server's address, or nothing that is known to be a refusal."""


class _Asked:
    """One server that is asked."""

    def __init__(self, server: str, security: KafkaSecurity, options: Mapping[str, Any]) -> None:
        self._server, self._security, self._options = server, security, options
        self._host, self._port, _ = get_ip_port_afi(server)

    async def refusal(self) -> str:
        """Return why it refuses.

        Raises:
            _Answers: it does not.
            _NotThere: it can't be reached.
        """
        for _ in range(TRIES):
            line, is_certain = await self._once()
            if is_certain:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        return line

    async def _once(self) -> tuple[str, bool]:
        """Return why it refuses now, and whether that is certain."""
        try:
            connection = await self._connect(self._options)
        except (KafkaError, OSError) as error:
            if line := refusal_line(error, self._security, self._server):
                return line, True
            if not closed_by_broker(error):
                raise _NotThere from None
            return await self._closed_at_once()
        try:
            await connection.send(MetadataRequest([]))
        except (KafkaError, OSError):
            return self._line_of_no_login(), False
        finally:
            connection.close()
        raise _Answers

    async def _closed_at_once(self) -> tuple[str, bool]:
        """Find out by the other way to connect whether the server expects that one."""
        kafka, protocol = f"Kafka at {self._server}", setting("security_protocol")
        if self._security.by_tls:
            if await self._answers_plainly():
                return f"{kafka} does not speak TLS: {protocol} should be without SSL", True
            if not await self._speaks_tls():
                raise _NotThere
            return certificate_line(self._security, self._server), False
        if await self._speaks_tls():
            return f"{kafka} expects TLS: {protocol} should be SSL or SASL_SSL", True
        raise _NotThere

    def _line_of_no_login(self) -> str:
        protocol = "SASL_SSL" if self._security.by_tls else "SASL_PLAINTEXT"
        return (
            f"Kafka at {self._server} answers no request without a login: "
            f"{setting('security_protocol')} should be {protocol}, with "
            f"{setting('sasl_mechanism')}"
        )

    async def _connect(self, options: Mapping[str, Any]) -> Any:
        return await create_conn(
            self._host, self._port, request_timeout_ms=round(ANSWER_SECONDS * 1000), **options
        )

    async def _answers_plainly(self) -> bool:
        try:
            connection = await self._connect({})
        except (KafkaError, OSError):
            return False
        connection.close()
        return True

    async def _speaks_tls(self) -> bool:
        """Return whether a TLS handshake succeeds; nothing is sent, so nothing is trusted."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                _, writer = await asyncio.open_connection(self._host, self._port, ssl=context)
        except OSError:
            return False
        writer.transport.abort()
        return True
