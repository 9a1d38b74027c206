"""The register's files: what is known of some ids, and the addition of new versions."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec.structs import replace

from contract.book import Book
from contract.errors import StackError
from contract.record import Record
from ledger.facts import FACT, FINAL, NO_TERMINAL, UNCOUNTED, Facts
from register import catalog as catalogs
from register.catalog import Catalog, Cell, VersionFile
from register.columns import INSTANT, SCHEMA, State
from register.files import connected, damage, versions_sql
from register.knowledge import STANDING, Integers, known_to
from register.partners import PartnerNames
from register.refused_files import refused_in_files
from register.rows import PartitionBatch, RowMaker

MOST_FILES = 8
"""Files of a cell; when it has more, they become one."""
ZSTD_LEVEL = 3
PLACE_BITS = 48  # of an offset, in one integer with the partition

_KNOWN = f"""
    SELECT id_head, id_rest, "offset", minute, area, terminal, class_code, hundredths, filename,
        CASE WHEN by_id THEN {FINAL} ELSE epoch_ms(recorded_time) END AS recorded,
        business_day - DATE '1970-01-01' AS day,
        epoch_ms(known_from) AS known_from,
        coalesce(epoch_ms(known_to), {STANDING}) AS known_to
    FROM {{versions}} SEMI JOIN (SELECT unnest($heads::UBIGINT[]) AS id_head) USING (id_head)
    WHERE "partition" = $partition AND state <> '{State.REFUSED}'
"""


class _HeldVersions(NamedTuple):
    """The versions in the register of the ids of a batch, but for those that are refused."""

    columns: Mapping[str, npt.NDArray[np.generic]]

    def facts(self, maker: RowMaker) -> Facts:
        """Return the facts that the books hold of these ids."""
        standing = np.flatnonzero(self.columns["known_to"] == STANDING)
        held = np.zeros(len(standing), FACT)
        named = {"head": "id_head", "rest": "id_rest", "kind": "class_code"}
        for name in FACT.names or ():
            if name != "terminal":
                held[name] = self.columns[named.get(name, name)][standing]
        held["terminal"] = NO_TERMINAL
        places = self.columns["area"][standing], self.columns["terminal"][standing]
        for at in np.flatnonzero(held["kind"] < UNCOUNTED).tolist():
            held["terminal"][at] = maker.code(str(places[0][at]), str(places[1][at]))
        return held


class NewEnd(NamedTuple):
    """The new end of a version in a file: when a greater version of its id came."""

    path: str
    place: int
    """Partition and offset in one integer."""
    known_to: int


class RegisterStore:
    """The versions in a folder; `add` takes new ones."""

    def __init__(self, folder: Path, book: Book) -> None:
        self.folder = folder
        self.catalog = catalogs.read(folder)
        self._maker = RowMaker(book, self.catalog.terminals)
        self._partners, self._zone = PartnerNames(book), book.tz
        self._places = {*book.area_of, *(one.terminal for one in self.catalog.terminals)}
        self._connection = connected()

    def begin(self, cluster: str) -> None:
        """Note the Kafka cluster of the offsets.

        Raises:
            StackError: the register is of another cluster.
        """
        held = self.catalog.cluster
        if held and held != cluster:
            raise StackError(
                f"{self.folder} is the register of Kafka cluster {held}, but this is cluster "
                f"{cluster}; {catalogs.ANEW}"
            )
        self.catalog = replace(self.catalog, cluster=cluster)

    def add(
        self, batches: Mapping[int, Sequence[Record]], dead_letters: Sequence[Record] = ()
    ) -> None:
        """Add the next records of each partition, and of port.rejected.

        It adds all of them, or none if it is killed.

        Raises:
            StackError: there is no room, the folder can't be written, or a file is damaged.
        """
        try:
            self._add(batches, dead_letters)
        except OSError as error:
            raise StackError(
                f"{self.folder}: {error.strerror or error}; make room, then bring the register up "
                "to date again: it goes on where it was"
            ) from None
        except (duckdb.Error, pa.ArrowException) as error:
            raise damage(self.folder, error) from None

    def _add(
        self, batches: Mapping[int, Sequence[Record]], dead_letters: Sequence[Record]
    ) -> None:
        fresh = [refused_in_files(dead_letters, self._partners, self._zone)]
        changes: list[NewEnd] = []
        reached, latest = dict(self.catalog.reached), dict(self.catalog.latest)
        for partition, records in batches.items():
            judged = self._maker.judge(records)
            known = self._known(partition, judged.facts["head"])
            batch, before = PartitionBatch(partition, records), latest.get(partition, 0)
            table = self._maker.rows(batch, judged, known.facts(self._maker), before)
            table, ended = _with_ends(table, known, partition)
            fresh.append(table)
            changes += ended
            latest[partition] = max(before, *(record.timestamp for record in records))
            reached[partition] = records[-1].offset + 1
        rejected = self.catalog.reached_rejected
        if dead_letters:
            rejected = dead_letters[-1].offset + 1
        now = replace(self.catalog, reached=reached, latest=latest, reached_rejected=rejected)
        self._write(pa.concat_tables(fresh), changes, now)

    def _known(self, partition: int, heads: npt.NDArray[np.uint64]) -> _HeldVersions:
        asked = _KNOWN.format(versions=versions_sql(self.folder, self.catalog, filename=True))
        values = {"partition": partition, "heads": np.unique(heads).tolist()}  # Arrow needs pandas
        return _HeldVersions(self._connection.execute(asked, values).fetchnumpy())

    def _write(self, fresh: pa.Table, changes: list[NewEnd], now: Catalog) -> None:
        writer = _Writer(self.folder, now)
        writer.change(changes)
        for cell, table in _by_cell(fresh, self._places):
            writer.add(cell, table)
        writer.merge()
        catalog = replace(writer.catalog(), terminals=self._maker.terminals)
        catalogs.write(self.folder, catalog)
        self.catalog = catalog
        for path in writer.replaced:
            path.unlink(missing_ok=True)


class _Writer:
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
            self.add(self._drop(path).cell, _with_column(table, "known_to", _instants(ends)))

    def merge(self) -> None:
        """Make one file of those of a cell that has too many."""
        cells: dict[Cell, list[str]] = {}
        for path, file in self._files.items():
            cells.setdefault(file.cell, []).append(path)
        for cell, paths in cells.items():
            if len(paths) > MOST_FILES:
                table = pa.concat_tables(pq.read_table(path, schema=SCHEMA) for path in paths)
                for path in paths:
                    self._drop(path)
                self.add(cell, table.sort_by("event_time"))

    def _drop(self, path: str) -> VersionFile:
        self.replaced.append(Path(path))
        return self._files.pop(path)


def _with_ends(
    table: pa.Table, known: _HeldVersions, partition: int
) -> tuple[pa.Table, list[NewEnd]]:
    """Return the new versions with their ends, and the new ends of the versions before."""
    booked = pc.and_(pc.not_equal(table["state"], State.REFUSED), pc.is_valid(table["id_head"]))
    fresh = np.flatnonzero(booked.to_numpy(zero_copy_only=False))
    taken = table.select(["id_head", "offset", "recorded_time", "by_id", "known_from"]).take(fresh)
    recorded = taken["recorded_time"].cast(pa.int64()).to_numpy()
    final = taken["by_id"].to_numpy(zero_copy_only=False)
    old = known.columns
    ends = known_to(
        np.concatenate([old["id_head"], taken["id_head"].to_numpy()]),
        np.concatenate([old["recorded"], np.where(final, FINAL, recorded)]),
        np.concatenate([old["offset"], taken["offset"].to_numpy()]),
        np.concatenate([old["known_from"], taken["known_from"].cast(pa.int64()).to_numpy()]),
    )
    of_old, of_fresh = ends[: len(old["id_head"])], ends[len(old["id_head"]) :]
    all_ends = np.full(len(table), STANDING, np.int64)
    all_ends[fresh] = of_fresh
    changes = [
        NewEnd(str(old["filename"][at]), partition << PLACE_BITS | int(old["offset"][at]), end)
        for at, end in enumerate(of_old.tolist())
        if end != old["known_to"][at]
    ]
    return _with_column(table, "known_to", _instants(all_ends)), changes


def _by_cell(table: pa.Table, places: set[str]) -> Iterator[tuple[Cell, pa.Table]]:
    """Yield the versions of each cell, in the order of their event time."""
    named = pc.is_in(table["terminal"], pa.array(sorted(places), pa.string()))
    terminals = pc.if_else(named, table["terminal"], "")
    months = pc.strftime(table["business_day"].cast(pa.timestamp("s")), "%Y-%m")
    cells = pc.binary_join_element_wise(terminals, months, "\0").combine_chunks()
    for name in pc.unique(cells).to_pylist():
        terminal, month = name.split("\0")
        rows = table.filter(pc.equal(cells, name))
        yield Cell(terminal, month), rows.sort_by("event_time")


def _instants(milliseconds: Integers) -> pa.Array:
    """Return instants; STANDING is none."""
    return pa.array(milliseconds, mask=milliseconds == STANDING).cast(INSTANT)


def _with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(SCHEMA.get_field_index(name), SCHEMA.field(name), values)
