"""A real Kafka that denies what no ACL allows, and logs what it allowed and denied."""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiokafka.protocol.admin import (
    CreateAclsRequest_v1,
    DeleteAclsRequest_v1,
    DescribeAclsRequest_v1,
)

from broker.authorizations import BITS, Prepared
from broker.connection import Connection, administering
from contract.kafka.rights import ROLES, Resource, Right
from contract.kafka.security import KafkaSecurity
from stack.processes.kafka import Broker
from tests.integration.support.ports import free_port
from tests.integration.support.secured.configured_broker import ConfiguredBroker, plain_users
from tests.integration.support.workers import until

ANY, ALLOW, LITERAL, PREFIXED = 1, 3, 3, 4
RESOURCES = {Resource.TOPIC: 2, Resource.GROUP: 3}
LOGGING = """
logger.auth.name = kafka.authorizer.logger
logger.auth.level = debug
"""
SAID = re.compile(
    r"Principal = User:(\S+) is (Allowed|Denied) operation = (\w+) .*? on resource = "
    r"(\w+):\w+:(\S+) for request"
)


class DenyingBroker(ConfiguredBroker):
    """A broker with a user for each role, who logs in by `PLAIN`; ANONYMOUS may do all."""

    def __init__(self, folder: Path) -> None:
        at = Broker(folder, free_port(), free_port(), heap_mb=384)
        self.server = f"127.0.0.1:{free_port()}"
        users = {role.name: f"{role.name}-secret" for role in ROLES}
        urls = f"PLAINTEXT://{at.bootstrap},USERS://{self.server}"
        super().__init__(
            at,
            {
                "listeners": f"{urls},CONTROLLER://127.0.0.1:{at.controller_port}",
                "advertised.listeners": urls,
                "inter.broker.listener.name": "PLAINTEXT",
                "listener.security.protocol.map": (
                    "PLAINTEXT:PLAINTEXT,USERS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT"
                ),
                "listener.name.users.sasl.enabled.mechanisms": "PLAIN",
                "listener.name.users.plain.sasl.jaas.config": plain_users(users),
                "authorizer.class.name": (
                    "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
                ),
                "allow.everyone.if.no.acl.found": "false",
                "super.users": "User:ANONYMOUS",
            },
            logging=LOGGING,
        )
        self._secrets = folder / "secrets"
        self._secrets.mkdir()
        for user, password in users.items():
            (self._secrets / user).write_text(password, encoding="utf-8")

    def connection(self, user: str) -> Connection:
        """Return a connection of a user."""
        return Connection(
            self.server,
            KafkaSecurity(
                "SASL_PLAINTEXT",
                "PLAIN",
                sasl_username=user,
                sasl_password_file=str(self._secrets / user),
            ),
        )

    def allow(self, user: str, rights: Iterable[Right]) -> None:
        """Let a user have these rights alone; the broker judges by them when this returns."""
        gone = [(kind, None, ANY, f"User:{user}", None, ANY, ANY) for kind in RESOURCES.values()]
        new = [
            (
                RESOURCES[right.resource],
                right.name,
                PREFIXED if right.is_prefix else LITERAL,
                f"User:{user}",
                "*",
                BITS[right.operation],
                ALLOW,
            )
            for right in rights
        ]
        deleted, created = asyncio.run(
            self._answers(DeleteAclsRequest_v1(gone), CreateAclsRequest_v1(new))
        )
        assert not any(code for code, *_ in deleted.filter_responses), deleted
        assert not any(code for code, *_ in created.creation_responses), created
        wanted = {(kind, name, pattern, bit) for kind, name, pattern, _, _, bit, _ in new}
        until("the broker knows the rights", lambda: self._rights(user) == wanted)

    def _rights(self, user: str) -> set[tuple[int, str, int, int]]:
        """Return kind, name, pattern and operation of each right by which the broker judges.

        The controller answers a change before the broker has read it from its log.
        """
        of_user = DescribeAclsRequest_v1(ANY, None, ANY, f"User:{user}", None, ANY, ANY)
        (found,) = asyncio.run(self._answers(of_user))
        assert not found.error_code, found
        return {
            (kind, name, pattern, operation)
            for kind, name, pattern, acls in found.resources
            for _, _, operation, _ in acls
        }

    async def _answers(self, *requests: Any) -> list[Any]:
        async with administering(Connection(self.bootstrap)) as admin:
            return [await admin._send_to_controller(Prepared(one)) for one in requests]

    def said(self, user: str, since: int = 0) -> tuple[set[str], set[str]]:
        """Return what a user was allowed and denied since then: `READ on Topic port.moves.raw`.

        `since` is a position in the log.
        """
        with self.log.open("rb") as log:
            log.seek(since)
            text = log.read().decode()
        allowed: set[str] = set()
        denied: set[str] = set()
        for who, verdict, operation, kind, name in SAID.findall(text):
            if who == user:
                (allowed if verdict == "Allowed" else denied).add(f"{operation} on {kind} {name}")
        return allowed, denied
