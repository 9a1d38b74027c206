"""Sums as they stood at offsets: what the books must show that have read the raw topic so far."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from contract.snapshots import TerminalDay
from register.files import connected
from register.reading import RegisterReading
from register.selection import Amount, MoveSums, Selection

REMEDY = (
    "`quaymark books verify` compares the books with the raw events, and "
    "`quaymark register rebuild` makes the register anew from them"
)
"""What to do where register and books differ."""
_SUMS = """
    WITH snapshot AS (
        SELECT unnest($terminals) AS terminal, unnest($days)::DATE AS business_day,
            unnest($partitions)::SMALLINT AS "partition", unnest($offsets)::BIGINT AS upto
    ),
    reach AS (
        SELECT unnest($numbers)::SMALLINT AS "partition", unnest($reached)::BIGINT AS reached
    ),
    newest AS (FROM versions WHERE known_from > '{since}'::TIMESTAMPTZ AND state <> 'refused'),
    booked AS (
        SELECT one.*, coalesce(upto, reached, -1) AS upto
        FROM (
            FROM newest UNION FROM versions WHERE known_to > '{since}'::TIMESTAMPTZ
        ) AS one
            LEFT JOIN snapshot USING (terminal, business_day, "partition")
            LEFT JOIN reach USING ("partition")
        WHERE state = 'counted' AND ({where})
    ),
    later AS (
        SELECT teu, moves FROM booked WHERE known_to IS NULL AND "offset" > upto
    ),
    stood AS (
        FROM booked AS old
        WHERE known_to > '{since}'::TIMESTAMPTZ AND "offset" <= upto AND NOT EXISTS (
            FROM newest AS new
            WHERE new."partition" = old."partition" AND new.id_head = old.id_head
                AND new."offset" <= old.upto
                AND (new.by_id OR new.recorded_time > old.recorded_time
                    OR new.recorded_time = old.recorded_time AND new."offset" < old."offset")
        )
    ),
    part AS (
        SELECT sum(teu) AS teu, sum(moves) AS moves, 0 AS later
        FROM versions WHERE state = 'counted' AND known_to IS NULL AND ({where})
        UNION ALL SELECT -sum(teu), -sum(moves), count(*) FROM later
        UNION ALL SELECT sum(teu), sum(moves), 0 FROM stood
    )
    SELECT coalesce(sum(teu), 0), coalesce(sum(moves), 0), sum(later) FROM part
"""
"""What stands now, less what came later than the snapshots, with what that ended."""


def sums_at(
    reading: RegisterReading,
    wanted: Selection,
    snapshots: Iterable[TerminalDay],
    reach: Mapping[int, int],
    since: datetime,
) -> tuple[MoveSums, int]:
    """Return the sums of a selection in one area as of snapshots, and how many records came later.

    Each day of a terminal is summed up to the offset of its snapshot, and where there is none, up
    to the offset that the snapshots of its partition `reach`.  All that Kafka got until `since`
    counts as read, whatever its offset.

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
    asked = _SUMS.format(where=where, since=since.isoformat())

    def sums() -> tuple[MoveSums, int]:
        of_now = asked.replace("FROM versions", f"FROM {reading.versions} AS versions")
        [(teu, moves, later)] = connected().execute(of_now, values).fetchall()
        return MoveSums(Amount(teu), int(moves)), int(later)

    return reading.of_one_catalog(sums)
