"""The report of `books verify`: events read, totals, and the totals that differ."""

from collections.abc import Iterable, Iterator

from audit.recount import Recount
from audit.totals import Difference, TotalKind, TotalName, Totals
from contract.topics import MOVES
from stack.books.shown_totals import SERIES
from stack.books.verify import TotalsComparison

MOST_DIFFERENCES = 40  # lines; one wrong move changes three totals, a lost day dozens
HEADS = ("area", "terminal", "year", "TEU", "quay moves", "no size", "gate in", "gate out")
FIGURES = (
    (TotalKind.TEU, ()),
    (TotalKind.MOVES, ()),
    (TotalKind.UNSIZED, ()),
    (TotalKind.GATE, ("in",)),
    (TotalKind.GATE, ("out",)),
)
"""The figures of the last five columns, and their further labels."""


def report_lines(recount: Recount, verdict: TotalsComparison) -> Iterator[str]:
    """Yield the lines of the report."""
    refused = ", ".join(f"{n:,} {reason}" for reason, n in sorted(recount.refused.items()))
    yield f"{MOVES.name}: {recount.events:,} events; can't be counted: {refused or 'none'}"
    yield from _totals(verdict.recounted)
    for terminal, area in verdict.moved.items():
        yield (
            f"{terminal}: past moves stay booked in {area}, its area at that time; `quaymark "
            "books rebuild` books them in the area that quaymark.toml names now"
        )
    if verdict.duplicated:
        yield (
            f"{verdict.duplicated:,} moves are on more than one partition and count on each: "
            "their producer must use partitionkey, or else source, as key (docs/exactness.md)"
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
    """Yield rows in columns, the first `words` to the left; never cut, so they can be piped."""
    grid = [heads, *rows]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    for row in grid:
        cells = (
            cell.ljust(width) if at < words else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  " + "  ".join(cells).rstrip()
