"""The reading of a register: its files as one catalog lists them, though others replace them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import duckdb

from contract.errors import StackError
from register import catalog as catalogs
from register.files import damage, versions_sql

T = TypeVar("T")
ATTEMPTS = 5


class RegisterReading:
    """The files of a register, which may be brought up to date while they are read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read_catalog()

    def _read_catalog(self) -> None:
        self._catalog = catalogs.read(self.folder)
        self.versions = versions_sql(self.folder, self._catalog)
        """The versions as a table expression of SQL."""

    @property
    def reached(self) -> Mapping[int, int]:
        """Partition of port.moves.raw -> offset behind the last record that was read."""
        return self._catalog.reached

    def of_one_catalog(self, ask: Callable[[], T]) -> T:
        """Return the answer of `ask`, which is asked again where files were replaced meanwhile.

        Raises:
            StackError: the register is damaged.
        """
        for _ in range(ATTEMPTS):
            try:
                return ask()
            except duckdb.Error as error:
                before = self._catalog
                self._read_catalog()
                if self._catalog == before:
                    raise damage(self.folder, error) from None
        raise StackError(
            f"{self.folder}: its files change faster than they can be read; ask again later"
        )
