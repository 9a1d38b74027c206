"""The SQL of the register's questions, with places for conditions, the measure and a limit.

What stood at t are the versions with `known_from <= t < known_to`.  The change from one instant to
another are the versions that began in between, each with the version that it ended, if any.
"""

AT = "known_from <= {at} AND (known_to IS NULL OR known_to > {at})"
"""The condition of a version that stood at an instant."""
STANDING = """
    SELECT state, reason, terminal, source, count(*), sum({measure}) FROM versions
    WHERE {standing} AND ({where})
    GROUP BY ALL ORDER BY state, reason NULLS FIRST, terminal, source
"""
_PARTS = """
    WITH booked AS (
        SELECT "partition", "offset", id_head, area, terminal, business_day, source, size_feet,
            state, attempt, known_from, known_to, state = 'counted' AS counts,
            CASE WHEN counts AND ({where}) THEN {measure} ELSE 0 END AS amount
        FROM versions WHERE state <> 'refused'
    ),
    ended AS (SELECT * FROM booked WHERE {at_a} AND known_to <= $b),
    began AS (SELECT * FROM booked WHERE known_from > $a AND {at_b}),
    pair AS (
        SELECT o AS old, n AS new,
            (o.area, o.terminal, o.business_day) <> (n.area, n.terminal, n.business_day) AS moved,
            CASE
            WHEN o.counts AND n.counts THEN CASE
                WHEN moved THEN 'moved'
                WHEN o.size_feet = 'unknown' AND n.size_feet <> 'unknown' THEN 'size_learnt'
                ELSE 'amended' END
            WHEN n.counts THEN CASE
                WHEN n.attempt > 1 THEN 'retried'
                WHEN n.business_day < $day THEN 'late'
                ELSE 'new' END
            WHEN n.state = 'retracted' THEN 'retracted'
            ELSE 'no_longer_counted' END AS cause,
            cause = 'amended' OR cause = 'size_learnt' AS stayed
        FROM began AS n LEFT JOIN ended AS o
            ON o."partition" = n."partition" AND o.id_head = n.id_head
    ),
    part AS (
        SELECT cause, new AS version,
            new.amount - CASE WHEN stayed THEN old.amount ELSE 0 END AS amount
        FROM pair WHERE new.amount <> 0 OR stayed AND old.amount <> 0
        UNION ALL
        SELECT cause, old AS version, -old.amount AS amount
        FROM pair WHERE NOT stayed AND old.amount <> 0
    )
"""
CHANGE = (
    _PARTS
    + """
    SELECT cause, version.terminal, version.business_day, version.source, count(*), sum(amount)
    FROM part GROUP BY ALL ORDER BY ALL
"""
)
CHANGED_RECORDS = (
    _PARTS
    + """
    SELECT part.cause, part.amount, versions.* FROM part JOIN versions
        ON versions.topic = 'port.moves.raw'
        AND versions."partition" = part.version."partition"
        AND versions."offset" = part.version."offset"
    WHERE $cause IS NULL OR part.cause = $cause
    ORDER BY versions.known_from, versions."partition", versions."offset", part.amount
    LIMIT {most}
"""
)
STANDING_RECORDS = """
    SELECT * FROM versions WHERE {standing} AND ({where})
    ORDER BY event_time, known_from, "partition", "offset" LIMIT {most}
"""
FOUND = """
    SELECT * FROM versions WHERE ({found})
        OR by_id AND (source, event_id) IN (SELECT (source, event_id) FROM versions WHERE {found})
    ORDER BY event_time, known_from, "partition", "offset" LIMIT {most}
"""
NUMBER_FOUND = f"""
    SELECT count(*), count(*) FILTER (state = 'counted' AND known_to IS NULL) FROM ({FOUND})
"""
CLASSES = """
    SELECT move, kind, fill, size_feet, sum(moves), sum(teu) FROM versions
    WHERE state = 'counted' AND {standing} AND ({where})
    GROUP BY ALL ORDER BY move, kind, fill, size_feet
"""
SET_ASIDE_TOO = (
    f"CASE WHEN state = 'refused' THEN known_from <= $at ELSE {AT.format(at='$at')} END"
)
"""The condition of what stood at an instant, and of what had been refused by then."""
