"""Certificates of a broker and its clients: right, expired, of another CA, for another host."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

KEY_PASSWORD = "of the key"


def write_certificates(folder: Path, user: str) -> None:
    """Write `ca.pem`, `other-ca.pem`, and NAME.pem with NAME.key for brokers and clients.

    The clients' certificates bear the name of `user`.
    """
    folder.mkdir(parents=True)
    ca, other = trustme.CA(), trustme.CA()
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    other.cert_pem.write_to_path(str(folder / "other-ca.pem"))
    past = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251  # a test is a door
    for name, made in {
        "server": ca.issue_cert("127.0.0.1"),
        "server-wrong-host": ca.issue_cert("kafka.example"),
        "server-expired": ca.issue_cert("127.0.0.1", not_after=past),
        "client": ca.issue_cert(user, common_name=user),
        "client-expired": ca.issue_cert(user, common_name=user, not_after=past),
        "client-other": other.issue_cert(user, common_name=user),
    }.items():
        chain = b"".join(part.bytes() for part in made.cert_chain_pems)
        key = load_pem_private_key(made.private_key_pem.bytes(), None)
        pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.pem").write_bytes(chain)
        (folder / f"{name}.key").write_bytes(pkcs8)
        (folder / f"{name}.both").write_bytes(pkcs8 + chain)  # Kafka takes PKCS#8 alone
        if name == "client":
            locked = BestAvailableEncryption(KEY_PASSWORD.encode())
            (folder / "client-locked.key").write_bytes(
                key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
            )
