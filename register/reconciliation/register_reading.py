"""One reading of a register's files, which may be replaced while they are read."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb

from contract.errors import StackError
from register import catalog as catalogs
from register.files import damage, versions_sql

T = TypeVar("T")
ATTEMPTS = 5


def of_one_catalog(folder: Path, ask: Callable[[str], T]) -> T:
    """Return the answer of `ask` to the versions of a register, given as a table of SQL.

    Where the register is brought up to date meanwhile, and files are replaced, it is asked again.

    Raises:
        StackError: the register is damaged.
    """
    catalog = catalogs.read(folder)
    for _ in range(ATTEMPTS):
        try:
            return ask(versions_sql(folder, catalog))
        except duckdb.IOException as error:
            before, catalog = catalog, catalogs.read(folder)
            if catalog == before:
                raise damage(folder, error) from None
    raise StackError(f"{folder}: its files change faster than they can be read; ask again later")
