"""The moves of a statement as a table, of any size: what memory has no room for goes to disk."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from contract.container import Convention
from contract.evidence.statement import StatedMove, StatedRetraction
from ledger.equipment import UNKNOWN_SIZE, size_of
from register.columns import INSTANT
from register.files import connected, new_database, no_room

BATCH = 20_000  # moves at once
MEMORY = "160MB"
"""The process has 430 MB then; with 100 MB more it compares two million lines no faster."""

_COLUMNS = {
    **{"at": pa.string(), "terminal": pa.string(), "move": pa.string(), "time": INSTANT},
    **{"recorded": INSTANT, "event_id": pa.string(), "retracted": pa.bool_()},
    **{"container": pa.string(), "iso_code": pa.string(), "hundredths": pa.int32()},
    **{"fill": pa.string(), "kind": pa.string(), "voyage": pa.string(), "vessel": pa.string()},
}
_SCHEMA = pa.schema(list(_COLUMNS.items()))
_MADE = """
    CREATE SEQUENCE numbers;
    CREATE TABLE stated (
        no BIGINT DEFAULT nextval('numbers'), "at" VARCHAR, terminal VARCHAR, move VARCHAR,
        event_time TIMESTAMPTZ, recorded TIMESTAMPTZ, event_id VARCHAR, retracted BOOLEAN,
        container VARCHAR, iso_code VARCHAR, hundredths INTEGER, fill VARCHAR, kind VARCHAR,
        voyage VARCHAR, vessel_name VARCHAR
    );
    CREATE TABLE withdrawn (event_id VARCHAR);
"""
_OVERTAKEN = """
    DELETE FROM stated WHERE event_id IN (
        SELECT event_id FROM stated WHERE event_id <> '' GROUP BY event_id HAVING count(*) > 1
    ) AND no NOT IN (
        SELECT arg_max(no, (recorded, -no)) FROM stated WHERE event_id <> '' GROUP BY event_id
    )
"""
_TAKEN_BACK = "DELETE FROM stated WHERE retracted OR event_id IN (SELECT event_id FROM withdrawn)"
SAME_NUMBER = "upper(regexp_replace({container}, '[\\s-]', '', 'g'))"
"""A container number as it is compared: in capitals, without blanks and hyphens."""


@contextmanager
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a DuckDB that writes what its memory has no room for to a folder of its own.

    Raises:
        StackError: there is no room in that folder either.
    """
    with TemporaryDirectory(prefix="reconcile-") as folder:
        database = new_database()
        connection = connected(database)
        place = str(Path(folder)).replace("'", "''")
        connection.execute(f"SET temp_directory = '{place}'")
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute("SET preserve_insertion_order = false")
        try:
            yield connection
        except duckdb.Error as error:
            raise no_room("the comparison", error) from None
        finally:
            connection.close()
            database.close()


class StatedMoves:
    """The moves of a statement in the table `stated`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, convention: Convention) -> None:
        self._connection, self._convention = connection, convention
        self._moves: list[StatedMove] = []
        connection.execute(_MADE)

    def add(self, line: StatedMove | StatedRetraction) -> None:
        """Add a move, or take one back."""
        if isinstance(line, StatedRetraction):
            self._connection.execute("INSERT INTO withdrawn VALUES (?)", [line.event_id])
            return
        self._moves.append(line)
        if len(self._moves) == BATCH:
            self._write()

    def close(self) -> int:
        """End the statement; return how many moves were replaced by later ones, or taken back.

        Of several with one id the one that was recorded last counts, as in the books.  Rows
        without an id are each a move, also if they are equal.
        """
        self._write()
        before = self._count()
        self._connection.execute(_OVERTAKEN)
        self._connection.execute(_TAKEN_BACK)
        self._connection.execute("UPDATE stated SET container = NULL WHERE container = ''")
        codes = self._connection.execute("SELECT DISTINCT iso_code FROM stated").fetchall()
        self._sizes([code for (code,) in codes])
        return before - self._count()

    def _sizes(self, codes: Iterable[str | None]) -> None:
        """Make the table `size` of codes: their feet, and their TEU by the port's convention."""
        self._connection.execute(
            "CREATE TABLE size (iso_code VARCHAR, size_feet VARCHAR, by_size INTEGER)"
        )
        for code in codes:
            feet, hundredths = size_of(code, self._convention)
            known = None if hundredths == UNKNOWN_SIZE else hundredths
            self._connection.execute("INSERT INTO size VALUES (?, ?, ?)", [code, feet, known])

    def _count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM stated").fetchall()[0][0])

    def _write(self) -> None:
        columns = [
            pa.array([getattr(move, name) for move in self._moves], type_)
            for name, type_ in _COLUMNS.items()
        ]
        self._connection.register("batch", pa.Table.from_arrays(columns, schema=_SCHEMA))
        number = SAME_NUMBER.format(container="container")
        self._connection.execute(
            f"""INSERT INTO stated SELECT nextval('numbers'), * REPLACE ({number} AS container)
            FROM batch"""
        )
        self._connection.unregister("batch")
        self._moves = []
