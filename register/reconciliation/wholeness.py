"""Whether a statement is whole: moves of other terminals and days, and days that it lacks."""

from datetime import date, timedelta
from typing import Any

import duckdb

from contract.book import Book
from contract.errors import Misconfigured
from register.reconciliation.sides import ComparisonTerms

LONGEST_GAP = 2  # days without a move of theirs, while we have some; a shorter one is a quiet day

_TERMINALS = "SELECT terminal, count(*) FROM stated GROUP BY terminal ORDER BY terminal"
_OUTSIDE = """
    SELECT min(on_day), max(on_day), count(*) FILTER (NOT on_day BETWEEN $first AND $last) FROM (
        SELECT CAST((event_time AT TIME ZONE $zone) - to_minutes(CAST($cut_off AS BIGINT)) AS DATE)
            AS on_day
        FROM stated WHERE terminal = $terminal
    )
"""
_GAP = """
    WITH quiet AS (
        SELECT DISTINCT business_day AS on_day FROM ours
        WHERE role = 'counted' AND business_day BETWEEN $first AND $last
            AND business_day NOT IN (SELECT business_day FROM theirs)
    ),
    run AS (
        SELECT on_day, on_day - CAST(row_number() OVER (ORDER BY on_day) AS INTEGER) AS same
        FROM quiet
    )
    SELECT min(on_day), max(on_day), count(*) AS days FROM run GROUP BY same
    ORDER BY days DESC, 1 LIMIT 1
"""


def refuse_strange(
    connection: duckdb.DuckDBPyConnection, terms: ComparisonTerms, book: Book
) -> list[str]:
    """Return what of a statement is not compared.

    Raises:
        Misconfigured: nothing of it is at the terminal, or in the period.
    """
    wanted = terms.selection.terminal or ""
    by_terminal = dict(connection.execute(_TERMINALS).fetchall())
    if not by_terminal:
        raise Misconfigured("the statement holds no move that counts")
    if wanted not in by_terminal:
        held = ", ".join(f"{name} ({number:,})" for name, number in by_terminal.items())
        raise Misconfigured(
            f"the statement has no move at {wanted}; it has moves at {held}.  A code of the "
            "sender's own is mapped by the `terminals` of its [[partner]] (--partner)"
        )
    warnings = [
        f"{number:,} moves at {name} are not compared"
        + ("" if name in book.area_of else f": {name} is no terminal of this port")
        for name, number in by_terminal.items()
        if name != wanted
    ]
    first, last = terms.selection.first, terms.selection.last
    if first is not None and last is not None:
        warnings += _outside(connection, terms, book, (first, last))
    return warnings


def gap(connection: duckdb.DuckDBPyConnection, terms: ComparisonTerms) -> list[str]:
    """Return the longest run of days on which we have moves and the statement none."""
    first, last = terms.selection.first, terms.selection.last
    if first is None or last is None:
        return []
    found = connection.execute(_GAP, {"first": first, "last": last}).fetchall()
    if not found or found[0][2] < LONGEST_GAP:
        return []
    begins, ends, days = found[0]
    return [
        f"the statement has no move on {days} days from {begins} to {ends}, and we have: "
        "is a part of it missing?"
    ]


def _outside(
    connection: duckdb.DuckDBPyConnection,
    terms: ComparisonTerms,
    book: Book,
    days: tuple[date, date],
) -> list[str]:
    values: dict[str, Any] = {"terminal": terms.selection.terminal, "zone": book.port.time_zone}
    values |= {"cut_off": terms.cut_off // timedelta(minutes=1)}
    values |= {"first": days[0], "last": days[1]}
    begins, ends, outside = connection.execute(_OUTSIDE, values).fetchall()[0]
    if begins > days[1] or ends < days[0]:
        raise Misconfigured(
            f"the statement is of {begins} to {ends}, and the period is {days[0]} to {days[1]}"
        )
    if not outside:
        return []
    return [
        f"{outside:,} moves of the statement lie outside of the period and are in no sum; if "
        "their day does not begin at 00:00, say when: --cut-off 06:00"
    ]
