"""What an administrator of Kafka asks for: another SCRAM password of a user."""

import hashlib
import os
import socket
import struct

ITERATIONS = 4096
SCRAM_SHA_512 = 2


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


def _compact(value: bytes) -> bytes:
    assert len(value) < 127
    return bytes([len(value) + 1]) + value
