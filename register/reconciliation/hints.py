"""What may lie behind differences of moves: hints, which count and prove nothing."""

import duckdb

_SHIFTS = """
    SELECT CAST(round((epoch_ms(t.event_time) - epoch_ms(o.event_time)) / 3600000.0) AS BIGINT)
        AS hours, count(*) AS moves
    FROM difference AS d JOIN theirs AS t ON d.theirs = t.no JOIN ours AS o ON d.ours = o.no
    WHERE d.cause = 'other_day' GROUP BY hours ORDER BY moves DESC, abs(hours), hours
"""
_SIZES = """
    SELECT o.size_feet, t.size_feet, CAST(o.teu AS DECIMAL(9, 2)), CAST(t.teu AS DECIMAL(9, 2)),
        count(*) AS moves
    FROM difference AS d JOIN theirs AS t ON d.theirs = t.no JOIN ours AS o ON d.ours = o.no
    WHERE d.cause = 'other_size' GROUP BY ALL ORDER BY moves DESC, 1, 2 LIMIT 5
"""


def hints(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return what would explain many differences at once."""
    found = []
    shifts = connection.execute(_SHIFTS).fetchall()
    if shifts:
        hours, moves = shifts[0]
        total = sum(number for _, number in shifts)
        direction = "later" if hours > 0 else "earlier"
        found.append(
            f"{moves:,} of {total:,} moves of another day have a time that is {abs(hours)} h "
            f"{direction} with them: a cut-off, or a time zone"
            if hours
            else f"{moves:,} of {total:,} moves of another day lie less than half an hour apart: "
            "they happened around midnight, or their day begins at another hour (--cut-off)"
        )
    for ours, theirs, our_teu, their_teu, moves in connection.execute(_SIZES).fetchall():
        if ours == theirs:
            found.append(
                f"{ours} ft counts as {their_teu} TEU with them and {our_teu} with us, in "
                f"{moves:,} of the moves that differ"
            )
        else:
            found.append(f"of {theirs} ft with them and of {ours} ft with us: {moves:,} moves")
    return found
