"""The register's files as SQL reads them."""

from pathlib import Path

import duckdb
import pyarrow as pa

from register.catalog import Catalog
from register.columns import SCHEMA

MEMORY = "256MB"
EMPTY = "no_versions"
"""Name of a relation without rows, for a register that has no file yet."""


def connected() -> duckdb.DuckDBPyConnection:
    """Return a DuckDB in memory, which fetches nothing from the network."""
    connection = duckdb.connect(
        config={
            "threads": 2,
            "memory_limit": MEMORY,
            "autoinstall_known_extensions": False,
            "TimeZone": "UTC",
        }
    )
    without_rows = SCHEMA.append(pa.field("filename", pa.string())).empty_table()
    return connection.register(EMPTY, without_rows)


def versions_sql(folder: Path, catalog: Catalog, *, filename: bool = False) -> str:
    """Return the files that count as a table expression of SQL."""
    if not catalog.files:
        return EMPTY
    paths = (str(folder / file.path).replace("'", "''") for file in catalog.files)
    names = ", ".join(f"'{path}'" for path in paths)
    return (
        f"read_parquet([{names}], filename = {str(filename).lower()}, hive_partitioning = false)"
    )
