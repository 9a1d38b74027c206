"""Books that another release may have written: read as they are, or refused in words."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from contract.errors import QuaymarkError

T = TypeVar("T")


def read_stored(decode: Callable[[bytes], T], value: bytes, table: str) -> T:
    """Return the books in a value of a table.

    Raises:
        QuaymarkError: they have a form that this release does not know.
    """
    try:
        return decode(value)
    except msgspec.MsgspecError as error:
        raise QuaymarkError(
            f"{table} changelog: {error}; start the version that wrote it, or rebuild the books"
        ) from None
