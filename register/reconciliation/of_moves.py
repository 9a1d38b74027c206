"""A statement of moves compared with the register."""

from pathlib import Path

import duckdb

from contract.book import Book
from contract.errors import Misconfigured
from register.reconciliation.answer import MOST_RECORDS, CauseSum, Reconciled
from register.reconciliation.causes import DifferenceCause, figure, take_apart
from register.reconciliation.fewest import fewest
from register.reconciliation.hints import hints
from register.reconciliation.pairing import pair
from register.reconciliation.sides import ROLES, ComparisonTerms, adopt, make_ours, make_theirs
from register.reconciliation.wholeness import gap, refuse_strange
from register.selection import Amount, SummedUnit

COLUMNS = (
    *("cause", "container", "move", "amount", "explains", "our_time", "their_time"),
    *("our_size", "their_size", "our_teu", "their_teu", "our_fill", "their_fill"),
    *("our_kind", "their_kind", "note", "at", "event_id", "file", "line", "partition", "offset"),
)
_CAUSES = "SELECT cause, count(*), sum(amount) FROM difference GROUP BY cause"
_AMOUNTS = "SELECT amount, count(*) FROM difference WHERE amount <> 0 GROUP BY amount"
_ANY_PAIR = "SELECT 1 FROM concerned LIMIT 1"
_PLACED = """
    CREATE TABLE placed AS
    SELECT d.rowid AS id, d.amount, list_position($causes, d.cause) AS place,
        coalesce(t.container, o.container) AS container, d.theirs, d.ours
    FROM difference AS d
    LEFT JOIN theirs AS t ON d.theirs = t.no LEFT JOIN ours AS o ON d.ours = o.no
"""
_IN_ORDER = "ORDER BY place, container, theirs, ours LIMIT $most"
_EXPLAINING = f"INSERT INTO explaining SELECT id FROM placed WHERE amount = $amount {_IN_ORDER}"
_RECORDS = f"""
    WITH shown AS (
        (SELECT *, true AS explains FROM placed SEMI JOIN explaining USING (id) {_IN_ORDER})
        UNION ALL
        (SELECT *, false AS explains FROM placed ANTI JOIN explaining USING (id) {_IN_ORDER})
    )
    SELECT d.cause, s.container, coalesce(t.move, o.move), d.amount, s.explains, o.event_time,
        t.event_time, o.size_feet, t.size_feet, CAST(o.teu AS DECIMAL(9, 2)),
        CAST(t.teu AS DECIMAL(9, 2)), o.fill, t.fill, o.kind, t.kind, d.note, t."at", o.event_id,
        o.file, o.line, o."partition", o."offset"
    FROM (FROM shown ORDER BY explains DESC, place, container, theirs, ours LIMIT $most) AS s
    JOIN difference AS d ON d.rowid = s.id
    LEFT JOIN theirs AS t ON d.theirs = t.no LEFT JOIN ours AS o ON d.ours = o.no
    ORDER BY s.explains DESC, s.place, s.container, s.theirs, s.ours
"""


def reconciled(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    book: Book,
    terms: ComparisonTerms,
    measure: SummedUnit,
) -> Reconciled:
    """Compare the moves in the table `stated` of `connection` with the register in a folder.

    Raises:
        Misconfigured: nothing of the statement is at the terminal, or in the period; or neither
            side has the ship.
        StackError: the register is damaged.
    """
    warnings = refuse_strange(connection, terms, book)
    make_theirs(connection, terms, book)
    make_ours(connection, folder, terms, book)
    for role in ROLES:
        pair(connection, role, terms.window_ms)
    warnings += adopt(connection, terms)
    take_apart(connection, terms, measure)
    sums = {name: CauseSum(*of) for name, *of in connection.execute(_CAUSES).fetchall()}
    causes = {cause: sums[cause.value] for cause in DifferenceCause if cause.value in sums}
    theirs, ours = (figure(connection, side, terms, measure) for side in ("theirs", "ours"))
    if (ship := terms.ship) and not (causes or connection.execute(_ANY_PAIR).fetchall()):
        raise Misconfigured(f"neither the statement nor our books have a move of {ship}")
    whole = sum((one.amount for one in causes.values()), Amount(0))
    explaining = _note_fewest(connection, whole)
    records = connection.execute(_RECORDS, {"most": MOST_RECORDS}).fetchall()
    return Reconciled(
        theirs,
        ours,
        causes,
        COLUMNS,
        records,
        explaining,
        sum(one.records for one in causes.values()) - len(records),
        hints(connection),
        warnings + gap(connection, terms),
    )


def _note_fewest(connection: duckdb.DuckDBPyConnection, difference: Amount) -> int:
    """Note the fewest records in the table `explaining`; return how many there are in all.

    Of each amount those come first that are told first, and no more than an answer has.  A window
    over the records would tell the same, but it keeps all of one amount in memory.
    """
    connection.execute(_PLACED, {"causes": [cause.value for cause in DifferenceCause]})
    connection.execute("CREATE TABLE explaining (id BIGINT)")
    amounts = {int(a * 100): number for a, number in connection.execute(_AMOUNTS).fetchall()}
    few = fewest(amounts, int(difference * 100))
    for amount, number in few.items():
        values = {"amount": Amount(amount).scaleb(-2), "most": min(number, MOST_RECORDS)}
        connection.execute(_EXPLAINING, values)
    return sum(few.values())
