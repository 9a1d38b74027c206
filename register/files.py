"""The register's files as SQL reads them."""

from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from contract.errors import StackError
from register.catalog import ANEW, Catalog
from register.columns import SCHEMA

MEMORY = "256MB"
EMPTY = "no_versions"
"""Name of a relation without rows, for a register that has no file yet."""


def connected(database: duckdb.DuckDBPyConnection | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection of its own to a DuckDB; by default to that of this process."""
    without_rows = SCHEMA.append(pa.field("filename", pa.string())).empty_table()
    return (database or _database()).cursor().register(EMPTY, without_rows)


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
            "autoinstall_known_extensions": False,
            "TimeZone": "UTC",
        }
    )


def damage(folder: Path, error: object) -> StackError:
    """Return what is said of a register whose files can't be read."""
    first, _, _ = str(error).partition("\n")
    return StackError(f"{folder}: {first}; {ANEW}")


def versions_sql(folder: Path, catalog: Catalog, *, filename: bool = False) -> str:
    """Return the files that count as a table expression of SQL."""
    if not catalog.files:
        return EMPTY
    paths = (str(folder / file.path).replace("'", "''") for file in catalog.files)
    names = ", ".join(f"'{path}'" for path in paths)
    return (
        f"read_parquet([{names}], filename = {str(filename).lower()}, hive_partitioning = false)"
    )
