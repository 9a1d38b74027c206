"""Files with passwords, tokens, certificates and keys; an error names the file's setting."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contract.errors import Misconfigured

__all__ = ["certificate_in", "load_pem", "secret", "text"]


def secret(path: str, setting: str) -> str:
    """Return the text of a file without the line end behind it, which editors write.

    Raises:
        Misconfigured: the file can't be read, or is empty.
    """
    return text(path, setting).rstrip("\r\n")


def text(path: str, setting: str) -> str:
    """Return the text of a file.

    Raises:
        Misconfigured: the file can't be read, or is empty.
    """
    try:
        found = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}; {setting} names it") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{path}: not UTF-8; {setting} names it") from None
    if not found.strip():
        raise Misconfigured(f"{path}: is empty; {setting} names it")
    return found


def certificate_in(path: str) -> dict[str, Any]:
    """Return the first certificate of a file, in the words of `SSLSocket.getpeercert`.

    Raises:
        OSError: the file can't be read.
        ValueError: it holds no certificate.
    """
    try:
        # the only decoder of the standard library for a certificate that nobody has shown
        found: dict[str, Any] = ssl._ssl._test_decode_cert(path)  # type: ignore[attr-defined]
    except ssl.SSLError as error:  # which is an OSError
        raise ValueError(str(error)) from None
    return found


def load_pem(load: Callable[[], None], path: str, setting: str, expected: str) -> None:
    """Let OpenSSL load a file that is there.

    Raises:
        Misconfigured: the file can't be read, or is not what is expected.
    """
    text(path, setting)
    try:
        load()
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).lower().replace("_", " ")
        raise Misconfigured(f"{path}: {reason}, expected {expected}; {setting} names it") from None
