"""What `books verify` found, as lines: what was read, the totals, and where the books differ."""

from collections.abc import Iterable, Iterator

from audit.recount import Recount
from audit.totals import Difference, TotalKind, TotalName, Totals
from contract.topics import MOVES
from stack.books.shown_totals import SERIES
from stack.books.verify import Comparison

MOST_DIFFERENCES = 40  # lines; one wrong move differs in three totals, a lost day in dozens
HEADS = ("area", "terminal", "year", "TEU", "quay moves", "no size", "gate in", "gate out")
FIGURES = (
    (TotalKind.TEU, ()),
    (TotalKind.MOVES, ()),
    (TotalKind.UNSIZED, ()),
    (TotalKind.GATE, ("in",)),
    (TotalKind.GATE, ("out",)),
)
"""The figures below the last of the heads, and their further labels."""


def findings(recount: Recount, verdict: Comparison) -> Iterator[str]:
    """All lines."""
    refused = ", ".join(f"{n:,} {reason}" for reason, n in sorted(recount.refused.items()))
    yield f"{MOVES.name}: {recount.events:,} events; can't be counted: {refused or 'none'}"
    yield from _totals(verdict.recounted)
    for terminal, area in verdict.moved.items():
        yield (
            f"{terminal}: moves of the past stay booked in {area}, where it was then; "
            "`quaymark books rebuild` books them where quaymark.toml has it now"
        )
    if verdict.doubles:
        yield (
            f"{verdict.doubles:,} moves lie on more than one partition and count on each: their "
            "producer must key by partitionkey, or else source (docs/exactness.md)"
        )
    if verdict.differing:
        yield from _differences(verdict.differing)


def _totals(sums: Totals) -> Iterator[str]:
    places = sorted({(line.area, line.terminal, line.year) for line in sums})
    rows = [
        (
            *map(str, place),
            *(_amount(name, sums.get(TotalName(name, *place, of), 0)) for name, of in FIGURES),
        )
        for place in places
    ]
    return _columns(HEADS, rows, words=3)


def _differences(differing: list[Difference]) -> Iterator[str]:
    yield ""
    rows = [_row(one) for one in differing[:MOST_DIFFERENCES]]
    yield from _columns(("total", "of", "recounted", "shown", "too much"), rows, words=2)
    if more := len(differing) - len(rows):
        yield f"  and {more:,} more"


def _row(one: Difference) -> tuple[str, ...]:
    line = one.line
    series, labels = SERIES[line.figure]
    named = (
        ("port_area", line.area),
        ("terminal", line.terminal),
        ("year", line.year),
        *zip(labels, line.of, strict=True),
    )
    amounts = one.recounted, one.shown, one.shown - one.recounted
    return (
        series,
        " ".join(f"{name}={value}" for name, value in named),
        *(_amount(line.figure, amount) for amount in amounts),
    )


def _amount(figure: TotalKind, amount: int) -> str:
    return f"{amount / 100:,.2f}" if figure.in_hundredths else f"{amount:,}"


def _columns(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], words: int) -> Iterator[str]:
    """Rows in columns, the first `words` of them to the left; never cut, so they can be piped."""
    grid = [heads, *rows]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    for row in grid:
        cells = (
            cell.ljust(width) if at < words else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  " + "  ".join(cells).rstrip()
