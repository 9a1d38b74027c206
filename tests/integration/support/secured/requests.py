"""What an administrator of Kafka asks for: a user's SCRAM password, and rights."""

import asyncio
import hashlib
import os
import socket
import struct
from collections.abc import Iterable
from typing import Any

from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1

from broker.admin import asked_of_kafka
from broker.connection import Connection
from contract.rights import Pattern, ResourceType, Right

ITERATIONS = 4096
SCRAM_SHA_512 = 2
TYPES = {ResourceType.TOPIC: 2, ResourceType.GROUP: 3}
PATTERNS = {Pattern.LITERAL: 3, Pattern.PREFIXED: 4}
OPERATIONS = {
    "READ": 3, "WRITE": 4, "CREATE": 5, "DELETE": 6, "DESCRIBE": 8, "DESCRIBE_CONFIGS": 10,
}  # fmt: skip
ALLOW = 3
ANY_HOST = "*"


def set_password(bootstrap: str, user: str, password: str) -> None:
    """Give a user another password (AlterUserScramCredentials, which aiokafka lacks)."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    change = (
        _compact(user.encode())
        + struct.pack(">bi", SCRAM_SHA_512, ITERATIONS)
        + _compact(salt)
        + _compact(salted)
        + b"\0"
    )
    body = b"\1" + b"\2" + change + b"\0"  # no deletions, one change, no tags
    header = struct.pack(">hhih", 51, 0, 1, -1) + b"\0"
    host, _, port = bootstrap.rpartition(":")
    with socket.create_connection((host, int(port)), 30) as kafka:
        kafka.sendall(struct.pack(">i", len(header + body)) + header + body)
        size = struct.unpack(">i", kafka.recv(4, socket.MSG_WAITALL))[0]
        answer = kafka.recv(size, socket.MSG_WAITALL)
    # correlation id, tags, throttle time, one result, and in it the user's name
    at = 4 + 1 + 4 + 1 + 1 + len(user)
    code = struct.unpack(">h", answer[at : at + 2])[0]
    assert code == 0, answer


def allow(bootstrap: str, user: str, rights: Iterable[Right]) -> None:
    """Give a user rights."""
    rows = [(*entry, ALLOW) for right in rights for entry in _entries(user, right)]
    answer = _ask(bootstrap, CreateAclsRequest_v1(rows))
    assert [error for error in answer.creation_responses if error[0]] == []


def take_away(bootstrap: str, user: str, rights: Iterable[Right]) -> None:
    """Take rights from a user that has them."""
    rows = [(*entry, ALLOW) for right in rights for entry in _entries(user, right)]
    answer = _ask(bootstrap, DeleteAclsRequest_v1(rows))
    assert all(found[2] for found in answer.filter_responses), answer


def _entries(user: str, right: Right) -> Iterable[tuple[Any, ...]]:
    for name in right.names:
        for operation in right.operations:
            yield (
                TYPES[right.type],
                name,
                PATTERNS[right.pattern],
                f"User:{user}",
                ANY_HOST,
                OPERATIONS[operation],
            )


def _ask(bootstrap: str, request: Any) -> Any:
    class Prepared:
        API_KEY = request.API_KEY

        @staticmethod
        def prepare(_: object) -> Any:
            return request

    async def asked(admin: Any) -> Any:
        answer = await admin._send_request(Prepared)
        await asyncio.sleep(0)
        return answer

    return asked_of_kafka(Connection(bootstrap), asked)


def _compact(value: bytes) -> bytes:
    assert len(value) < 127
    return bytes([len(value) + 1]) + value
