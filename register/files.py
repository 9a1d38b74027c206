"""The register's files as SQL reads them."""

import os
from functools import cache
from pathlib import Path
from tempfile import gettempdir

import duckdb
import pyarrow as pa

from contract.errors import StackError
from register.catalog import ANEW, Catalog
from register.columns import INSTANT, SCHEMA, TEU

MEMORY = "256MB"
_IN_SQL = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    INSTANT: "TIMESTAMPTZ",
    TEU: "DECIMAL(9, 2)",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int64(): "BIGINT",
    pa.uint8(): "UTINYINT",
    pa.uint16(): "USMALLINT",
    pa.uint32(): "UINTEGER",
    pa.uint64(): "UBIGINT",
}
_COLUMNS = ", ".join(f'NULL::{_IN_SQL[field.type]} AS "{field.name}"' for field in SCHEMA)
EMPTY = f"(SELECT {_COLUMNS}, NULL::VARCHAR AS filename WHERE false)"
"""A relation without rows, for a register that has no file yet.

A table of Arrow would do, but to register one DuckDB imports pandas, which takes half a second.
"""


def connected(database: duckdb.DuckDBPyConnection | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection of its own to a DuckDB; by default to that of this process."""
    return (database or _database()).cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Return the DuckDB of this process."""
    return new_database()


def new_database() -> duckdb.DuckDBPyConnection:
    """Return a DuckDB in memory, which fetches nothing from the network; it takes 60 ms."""
    return duckdb.connect(
        config={
            "threads": 2,
            "memory_limit": MEMORY,
            "temp_directory": str(Path(gettempdir()) / "quaymark-duckdb"),  # not where one stands
            "autoinstall_known_extensions": False,
            "TimeZone": "UTC",
        }
    )


def size_bytes(folder: Path, catalog: Catalog) -> int:
    """Return the bytes of the files that count; one that can't be seen has none.

    It was replaced meanwhile, or a question says what is wrong with it.
    """

    def of(path: Path) -> int:
        try:
            return path.stat().st_size
        except OSError:
            return 0

    return sum(of(folder / file.path) for file in catalog.files)


def damage(folder: Path, error: object) -> StackError:
    """Return what is said of a register whose files can't be read."""
    first, _, _ = str(error).partition("\n")
    if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in first:
        return no_room(folder, error)
    if unreadable := _unreadable(folder):
        return StackError(
            f"{unreadable}: Permission denied; give this user the right to read the register"
        )
    return StackError(f"{folder}: {first}; {ANEW}")


def _unreadable(folder: Path) -> Path | None:
    """Return a folder or file of a register that this user may not read; None if there is none."""
    levels = ("", "terminal=*", "terminal=*/month=*", "terminal=*/month=*/*.parquet")
    found = (path for level in levels for path in (folder.glob(level) if level else [folder]))
    return next((path for path in found if not os.access(path, os.R_OK)), None)


def no_room(asked: object, error: object) -> StackError:
    """Return what is said of a question for which neither memory nor the disk has room."""
    first, _, _ = str(error).partition("\n")
    is_disk = "No space left" in first or "max_temp_directory_size" in str(error)
    return StackError(
        f"{asked}: {first}; "
        + (
            "what memory has no room for goes to the folder for temporary files: make room there, "
            "or name another folder by TMPDIR"
            if is_disk
            else "it is too large to be answered at once: ask by month, or by terminal"
        )
    )


def versions_sql(folder: Path, catalog: Catalog, *, filename: bool = False) -> str:
    """Return the files that count as a table expression of SQL."""
    if not catalog.files:
        return EMPTY
    paths = (str(folder / file.path).replace("'", "''") for file in catalog.files)
    names = ", ".join(f"'{path}'" for path in paths)
    return (
        f"read_parquet([{names}], filename = {str(filename).lower()}, hive_partitioning = false)"
    )
