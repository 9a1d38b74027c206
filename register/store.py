"""The register's files: what is known of some ids, and the addition of new versions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace

from contract.book import Book
from contract.errors import StackError
from contract.record import Record
from ledger.facts import FACT, FINAL, NO_TERMINAL, UNCOUNTED, Facts
from register import catalog as catalogs
from register.arrow import use_little_memory
from register.catalog import Catalog, Cell
from register.columns import State
from register.files import connected, damage, versions_sql
from register.knowledge import STANDING, known_to
from register.partners import PartnerNames
from register.refused_files import refused_in_files
from register.rows import PartitionBatch, RowMaker
from register.version_writer import PLACE_BITS, NewEnd, VersionWriter, instants, with_column

_KNOWN = f"""
    SELECT id_head, id_rest, "offset", minute, area, terminal, class_code, hundredths, filename,
        CASE WHEN by_id THEN {FINAL} ELSE epoch_ms(recorded_time) END AS recorded,
        business_day - DATE '1970-01-01' AS day,
        epoch_ms(known_from) AS known_from,
        coalesce(epoch_ms(known_to), {STANDING}) AS known_to, "partition"
    FROM {{versions}} SEMI JOIN (
        SELECT unnest($heads::UBIGINT[]) AS id_head, unnest($partitions::SMALLINT[]) AS "partition"
    ) USING (id_head, "partition")
    WHERE state <> '{State.REFUSED}'
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


class RegisterStore:
    """The versions in a folder; `add` takes new ones."""

    def __init__(self, folder: Path, book: Book) -> None:
        use_little_memory()
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
        with self._told():
            self._add(batches, dead_letters)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in plain words why files can't be written or read."""
        try:
            yield
        except OSError as error:
            raise StackError(
                f"{self.folder}: {error.strerror or error}; {_mended(error)}, then bring the "
                "register up to date again: it goes on where it was"
            ) from None
        except (duckdb.Error, pa.ArrowException) as error:
            raise damage(self.folder, error) from None

    def _add(
        self, batches: Mapping[int, Sequence[Record]], dead_letters: Sequence[Record]
    ) -> None:
        fresh = [refused_in_files(dead_letters, self._partners, self._zone)]
        changes: list[NewEnd] = []
        reached, latest = dict(self.catalog.reached), dict(self.catalog.latest)
        judgements = {number: self._maker.judge(records) for number, records in batches.items()}
        versions = self._known({number: of.facts["head"] for number, of in judgements.items()})
        for partition, records in batches.items():
            judged, known = judgements[partition], versions[partition]
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

    def _known(self, heads: Mapping[int, npt.NDArray[np.uint64]]) -> dict[int, _HeldVersions]:
        """Return by partition what is known of these ids."""
        asked = _KNOWN.format(versions=versions_sql(self.folder, self.catalog, filename=True))
        ids = {number: np.unique(of).tolist() for number, of in heads.items()}
        values = {
            "heads": [head for of in ids.values() for head in of],
            "partitions": [number for number, of in ids.items() for _ in of],
        }
        found = self._connection.execute(asked, values).fetchnumpy()
        return {
            number: _HeldVersions({n: of[found["partition"] == number] for n, of in found.items()})
            for number in heads
        }

    def compact(self) -> None:
        """Make one file of each cell, after many additions; a question opens all files.

        Raises:
            StackError: as `add` does.
        """
        with self._told():
            writer = VersionWriter(self.folder, self.catalog)
            writer.merge(1)
            self._put(writer)

    def _write(self, fresh: pa.Table, changes: list[NewEnd], now: Catalog) -> None:
        writer = VersionWriter(self.folder, now)
        writer.change(changes)
        for cell, table in _by_cell(fresh, self._places):
            writer.add(cell, table)
        writer.merge()
        self._put(writer)

    def _put(self, writer: VersionWriter) -> None:
        """Let the files that were written count."""
        catalog = replace(writer.catalog(), terminals=self._maker.terminals)
        catalogs.write(self.folder, catalog)
        self.catalog = catalog
        for path in writer.replaced:
            path.unlink(missing_ok=True)


def _mended(error: OSError) -> str:
    """Return what to do about a folder that takes no file."""
    return "let this user write there" if error.errno in catalogs.MAY_NOT_WRITE else "make room"


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
    return with_column(table, "known_to", instants(all_ends)), changes


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
