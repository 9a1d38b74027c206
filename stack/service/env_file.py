"""The file `.env` of an installation: names and values, as systemd and compose read them."""

import re
from collections.abc import Iterator
from pathlib import Path

from contract.errors import Misconfigured

NAME = ".env"
SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|API_?KEY|PRIVATE", re.IGNORECASE)
WITH_PASSWORD = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
"""An address that holds a password: scheme://user:password@host."""


def read_env_file(path: Path) -> dict[str, str]:
    """Return the names and values of an .env file; none where there is no file.

    Raises:
        Misconfigured: it can't be read, or a line is no assignment.
    """
    return {name: value for _, name, value in lines(path) if name}


def lines(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (line as it stands, name, value); name and value are empty for blanks and comments.

    Raises:
        Misconfigured: it can't be read, or a line is no assignment.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Misconfigured(f"{path}: {reason}") from None
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare[0] in "#;":
            yield line, "", ""
            continue
        name, equals, value = bare.removeprefix("export ").partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_]\w*", name.strip()):
            raise Misconfigured(f"{path}, line {number}: expected NAME=value, found {bare!r}")
        yield line, name.strip(), _unquoted(value.strip())


def is_secret(name: str, value: str) -> bool:
    """Whether a setting is one that nobody else may read, by its name or by its value.

    The path of a file with a secret is none.
    """
    by_name = SECRET.search(name) and not names_a_file(name)
    return bool(by_name or WITH_PASSWORD.search(value))


def names_a_file(name: str) -> bool:
    """Whether the value of a setting is the path of a file."""
    return name.upper().endswith("_FILE")


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value
