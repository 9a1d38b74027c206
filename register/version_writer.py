"""The files of one addition to the register; nothing counts until the catalog is written."""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace

from register.catalog import Catalog, Cell, VersionFile
from register.columns import INSTANT, SCHEMA
from register.knowledge import STANDING, Integers

MOST_FILES = 3
"""Files of a cell; when it has more, the small ones become one."""
NEAR = 2
"""A file joins the smaller ones that become one if it has at most so many times their rows."""
ZSTD_LEVEL = 3
PLACE_BITS = 48  # of an offset, in one integer with the partition


class NewEnd(NamedTuple):
    """The new end of a version in a file: when a greater version of its id came."""

    path: str
    place: int
    """Partition and offset in one integer."""
    known_to: int


class VersionWriter:
    """The files of one addition; nothing counts until the catalog is written."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self._folder, self._catalog = folder, catalog
        self._files = {str(folder / file.path): file for file in catalog.files}
        self._next = catalog.next_number
        self.replaced: list[Path] = []

    def catalog(self) -> Catalog:
        """Return the catalog with the files that count now."""
        files = tuple(self._files.values())
        return replace(self._catalog, next_number=self._next, files=files)

    def add(self, cell: Cell, table: pa.Table) -> None:
        """Write a file of new versions."""
        file = VersionFile(cell, self._next, len(table))
        self._next += 1
        path = self._folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, compression="zstd", compression_level=ZSTD_LEVEL)
        with path.open("rb+") as written:
            os.fsync(written.fileno())
        self._files[str(path)] = file

    def change(self, changes: list[NewEnd]) -> None:
        """Write the files anew in which a version has another end."""
        for path in sorted({change.path for change in changes}):
            table = pq.read_table(path, schema=SCHEMA)
            places = table["partition"].to_numpy().astype(np.int64) << PLACE_BITS
            places |= table["offset"].to_numpy()
            ends = table["known_to"].cast(pa.int64()).fill_null(STANDING).to_numpy().copy()
            of_file = sorted((c.place, c.known_to) for c in changes if c.path == path)
            wanted = np.array([place for place, _ in of_file])
            rows = np.argsort(places)
            ends[rows[np.searchsorted(places, wanted, sorter=rows)]] = [end for _, end in of_file]
            self.add(self._drop(path).cell, with_column(table, "known_to", instants(ends)))

    def merge(self, most: int = MOST_FILES) -> None:
        """Make fewer files of a cell that has more than `most`: a question opens all of them."""
        cells: dict[Cell, list[str]] = {}
        for path, file in self._files.items():
            cells.setdefault(file.cell, []).append(path)
        for cell, paths in cells.items():
            if len(paths) > most:
                paths = self._to_merge(paths) if most > 1 else paths
                table = pa.concat_tables(pq.read_table(path, schema=SCHEMA) for path in paths)
                for path in paths:
                    self._drop(path)
                self.add(cell, table.sort_by("event_time"))

    def _to_merge(self, paths: list[str]) -> list[str]:
        """Return the small files: what is written again and again stays in proportion."""
        small: list[str] = []
        rows = 0
        for path in sorted(paths, key=lambda path: self._files[path].rows):
            if len(small) > 1 and self._files[path].rows > NEAR * rows:
                break
            small.append(path)
            rows += self._files[path].rows
        return small

    def _drop(self, path: str) -> VersionFile:
        self.replaced.append(Path(path))
        return self._files.pop(path)


def instants(milliseconds: Integers) -> pa.Array:
    """Return instants; STANDING is none."""
    return pa.array(milliseconds, mask=milliseconds == STANDING).cast(INSTANT)


def with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """Return a table with other values of a column."""
    return table.set_column(SCHEMA.get_field_index(name), SCHEMA.field(name), values)
