"""Sums as they stood at offsets: what the books must show that have read the raw topic so far."""

from collections.abc import Iterable, Mapping

from contract.snapshots import TerminalDay
from register.files import connected
from register.reading import RegisterReading
from register.selection import Amount, MoveSums, Selection

REMEDY = (
    "`quaymark books verify` compares the books with the raw events, and "
    "`quaymark register rebuild` makes the register anew from them"
)
"""What to do where register and books differ."""
NEWEST = 20_000
"""Records of a partition before its reach of which a snapshot may be missing.

A worker sends the snapshots of all that it booked twice a second, and books fewer in between.
"""
_SUMS = """
    WITH snapshot AS (
        SELECT unnest($terminals) AS terminal, unnest($days)::DATE AS business_day,
            unnest($partitions)::SMALLINT AS "partition", unnest($offsets)::BIGINT AS upto
    ),
    reach AS (
        SELECT unnest($numbers)::SMALLINT AS "partition", unnest($reached)::BIGINT AS reached
    ),
    changed AS (
        SELECT DISTINCT "partition", id_head FROM versions
        WHERE state <> 'refused' AND "offset" > CASE "partition" {read} ELSE -1 END
    ),
    version AS (
        FROM versions SEMI JOIN changed USING ("partition", id_head) WHERE state <> 'refused'
    ),
    booked AS (
        SELECT version.*, coalesce(upto, reached, -1) AS upto
        FROM version LEFT JOIN snapshot USING (terminal, business_day, "partition")
            LEFT JOIN reach USING ("partition")
        WHERE state = 'counted' AND ({where})
    ),
    stood AS (
        FROM booked AS old WHERE "offset" <= upto AND NOT EXISTS (
            FROM version AS new
            WHERE new."partition" = old."partition" AND new.id_head = old.id_head
                AND new."offset" <= old.upto
                AND (new.by_id OR new.recorded_time > old.recorded_time
                    OR new.recorded_time = old.recorded_time AND new."offset" < old."offset")
        )
    ),
    part AS (
        SELECT sum(teu) AS teu, sum(moves) AS moves, 0 AS later
        FROM versions WHERE state = 'counted' AND known_to IS NULL AND ({where})
        UNION ALL
        SELECT -sum(teu), -sum(moves), count(*) FILTER ("offset" > upto)
        FROM booked WHERE known_to IS NULL
        UNION ALL SELECT sum(teu), sum(moves), 0 FROM stood
    )
    SELECT coalesce(sum(teu), 0), coalesce(sum(moves), 0), sum(later) FROM part
"""
"""What stands now; of the ids that changed lately, what stood as of the snapshots instead."""


def sums_at(
    reading: RegisterReading,
    wanted: Selection,
    snapshots: Iterable[TerminalDay],
    reach: Mapping[int, int],
) -> tuple[MoveSums, int]:
    """Return the sums of a selection in one area as of snapshots, and how many records came later.

    Each day of a terminal is summed up to the offset of its snapshot, and where there is none, up
    to the offset that the snapshots of its partition `reach`.

    Raises:
        StackError: the register's files can't be read.
    """
    where, values = wanted.where()
    days = [day for day in snapshots if day.area == wanted.area]
    values |= {
        "terminals": [day.terminal for day in days],
        "days": [day.on for day in days],
        "partitions": [day.partition for day in days],
        "offsets": [day.offset for day in days],
        "numbers": list(reach),
        "reached": list(reach.values()),
    }
    read = " ".join(f"WHEN {number} THEN {upto - NEWEST}" for number, upto in reach.items())
    asked = _SUMS.format(where=where, read=read or "WHEN -1 THEN -1")

    def sums() -> tuple[MoveSums, int]:
        of_now = asked.replace("FROM versions", f"FROM {reading.versions} AS versions")
        [(teu, moves, later)] = connected().execute(of_now, values).fetchall()
        return MoveSums(Amount(teu), int(moves)), int(later)

    return reading.of_one_catalog(sums)
