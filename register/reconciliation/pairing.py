"""Their moves paired with ours: one to one, by container and move, the nearest in time first."""

from collections.abc import Iterable, Iterator

import duckdb

BATCH = 50_000  # pairs at once

_CANDIDATES = """
    CREATE OR REPLACE TABLE candidate AS
    SELECT t.no AS theirs, o.no AS ours, CASE WHEN o.event_time IS NULL
            THEN $window + epoch_ms(o.known_from) - epoch_ms(t.event_time)
            ELSE abs(epoch_ms(t.event_time) - epoch_ms(o.event_time)) END AS apart
    FROM theirs AS t JOIN ours AS o
        ON t.container = o.container AND (t.move = o.move OR o.move IS NULL)
    WHERE o.role = $role AND t.role IS NULL AND o.paired IS NULL
        AND CASE WHEN o.event_time IS NULL THEN o.known_from >= t.event_time
            ELSE apart <= $window END
    UNION ALL
    SELECT t.no AS theirs, o.no AS ours, 0 AS apart
    FROM theirs AS t JOIN ours AS o ON t.move = o.move
        AND date_trunc('second', t.event_time) = date_trunc('second', o.event_time)
    WHERE t.container IS NULL AND o.container IS NULL
        AND o.role = $role AND t.role IS NULL AND o.paired IS NULL
"""
_CLEAR = """
    CREATE OR REPLACE TABLE clear AS
    SELECT theirs, ours FROM candidate
    SEMI JOIN (SELECT theirs FROM candidate GROUP BY theirs HAVING count(*) = 1) USING (theirs)
    SEMI JOIN (SELECT ours FROM candidate GROUP BY ours HAVING count(*) = 1) USING (ours)
"""
_UNCLEAR = """
    SELECT c.theirs, c.ours FROM candidate AS c
    JOIN theirs AS t ON t.no = c.theirs JOIN ours AS o ON o.no = c.ours
    WHERE NOT EXISTS (FROM clear WHERE clear.theirs = c.theirs)
    ORDER BY apart, t.event_time, o.event_time, c.theirs, c.ours
"""


def nearest_first(candidates: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of `candidates` in their order whose both sides are still free."""
    taken_theirs: set[int] = set()
    taken_ours: set[int] = set()
    for theirs, ours in candidates:
        if theirs not in taken_theirs and ours not in taken_ours:
            taken_theirs.add(theirs)
            taken_ours.add(ours)
            yield theirs, ours


def pair(connection: duckdb.DuckDBPyConnection, role: str, window_ms: int) -> None:
    """Pair what is free of `theirs` with what is free of `ours` in a role.

    Both get the other's number in `paired`, and theirs the role of ours.  Moves are candidates if
    container and move are equal and their times at most `window_ms` apart; without a container
    number on both sides, if they are of the same second.  What was refused before it was read has
    no move and no time: it may be any that came after theirs happened.
    """
    connection.execute(_CANDIDATES, {"role": role, "window": window_ms})
    connection.execute(_CLEAR)
    unclear = connection.cursor().execute(_UNCLEAR)
    batch: list[tuple[int, int]] = []
    for one in nearest_first(_rows(unclear)):
        batch.append(one)
        if len(batch) == BATCH:
            _add(connection, batch)
            batch = []
    _add(connection, batch)
    connection.execute(
        "UPDATE theirs SET paired = clear.ours, role = $role FROM clear WHERE no = clear.theirs",
        {"role": role},
    )
    connection.execute("UPDATE ours SET paired = clear.theirs FROM clear WHERE no = clear.ours")


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, int]]:
    while rows := result.fetchmany(BATCH):
        yield from rows


def _add(connection: duckdb.DuckDBPyConnection, pairs: list[tuple[int, int]]) -> None:
    if pairs:
        theirs, ours = zip(*pairs, strict=True)
        connection.execute(
            "INSERT INTO clear SELECT unnest($theirs), unnest($ours)",
            {"theirs": list(theirs), "ours": list(ours)},
        )
