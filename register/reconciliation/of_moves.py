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
_RECORDS = """
    WITH ordered AS (
        SELECT d.*, t, o, list_position($causes, d.cause) AS place,
            coalesce(t.container, o.container) AS container, coalesce(t.move, o.move) AS move
        FROM difference AS d
        LEFT JOIN theirs AS t ON d.theirs = t.no LEFT JOIN ours AS o ON d.ours = o.no
    ),
    numbered AS (
        SELECT *, row_number() OVER (
            PARTITION BY amount ORDER BY place, container, d.theirs, d.ours) AS nth
        FROM ordered AS d
    )
    SELECT n.cause, n.container, n.move, n.amount,
        coalesce(nth <= f.number, false) AS explains, n.o.event_time, n.t.event_time,
        n.o.size_feet, n.t.size_feet, CAST(n.o.teu AS DECIMAL(9, 2)),
        CAST(n.t.teu AS DECIMAL(9, 2)), n.o.fill, n.t.fill, n.o.kind, n.t.kind, n.note,
        n.t."at", n.o.event_id, n.o.file, n.o.line, n.o."partition", n.o."offset"
    FROM numbered AS n LEFT JOIN few AS f ON n.amount = f.amount
    ORDER BY explains DESC, place, n.container, n.theirs, n.ours LIMIT $most
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
    values = {"causes": [cause.value for cause in DifferenceCause], "most": MOST_RECORDS}
    records = connection.execute(_RECORDS, values).fetchall()
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
    """Make the table `few`: amount -> how many records; return how many there are in all."""
    amounts = {int(a * 100): number for a, number in connection.execute(_AMOUNTS).fetchall()}
    few = fewest(amounts, int(difference * 100))
    connection.execute("CREATE TABLE few (amount DECIMAL(18, 2), number BIGINT)")
    for amount, number in few.items():
        connection.execute("INSERT INTO few VALUES (?, ?)", [Amount(amount) / 100, number])
    return sum(few.values())
