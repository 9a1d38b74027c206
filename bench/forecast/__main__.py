"""The back-test's door: `python -m bench.forecast` writes the tables of docs/forecast.md."""

import sys
import warnings
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import fmean

import click

from bench.forecast.backtest import COUNTED, OURS, SIMPLE, SLOW, Score, broken, sample, score
from bench.forecast.synthetic_ports import signings, synthetic

PAGE = Path("docs/forecast.md")
SAMPLE = Path("tests/fixtures/singapore-monthly-thousand-teu.csv")
YEARS = (2017, 2018, 2019)  # later ones have the gap of 2020 before them
BEGIN, END = "<!-- back-test -->", "<!-- end of the back-test -->"
NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")


@click.command(epilog="Example: python -m bench.forecast --ports 48")
@click.option("--ports", default=48, show_default=True, type=click.IntRange(1), help="Synthetic.")
@click.option(
    "--page", type=click.Path(path_type=Path), default=PAGE, show_default=True, help="Its tables."
)
def main(ports: int, page: Path) -> None:
    """Back-test the forecast and write the tables; fails if it does not hold what it must."""
    warnings.filterwarnings("ignore", module="statsmodels")  # rivals that don't converge
    real = score(sample(SAMPLE, YEARS), {**SLOW, **SIMPLE})
    years = [synthetic(seed) for seed in range(ports)]
    ends, middles = score(years), score(years, end=lambda year, month: date(year, month, 16))
    counted = score([signings(seed) for seed in range(ports)], COUNTED)
    tables = _tables(
        {
            f"Singapore {YEARS[0]}–{YEARS[-1]}, at the months' ends": real,
            f"{ports} synthetic years of a port, at the months' ends": ends,
            "The same years, on the 15th of each month": middles,
            f"{ports} synthetic years of a zone's signings, at the months' ends": counted,
        }
    )
    head, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    page.write_text(f"{head}{BEGIN}\n{tables}\n{END}{tail}", encoding="utf-8")
    print(tables)
    for failure in (failures := broken(real, (ends, middles), (counted,))):
        print(f"back-test: {failure}", file=sys.stderr)
    sys.exit(bool(failures))


def _tables(scores: Mapping[str, Score]) -> str:
    whole = [_table(title, one) for title, one in scores.items()]
    rows = [_held(title, [one]) for title, one in scores.items()]
    head = "| the band holds | cases | 80 % | 95 % |\n|---|---:|---:|---:|"
    return "\n\n".join([*whole, "\n".join([head, *rows, _held("all", list(scores.values()))])])


def _table(title: str, one: Score) -> str:
    lines = [
        f"{title}: mean absolute error of the year's total, per cent.",
        "",
        f"| method | all | {' | '.join(NAMES)} |",
        f"|---|{'---:|' * (1 + len(NAMES))}",
    ]
    for method in sorted(one.errors, key=one.overall):
        name = f"**{method}**" if method == OURS else method
        months = " | ".join(f"{error:.2f}" for error in one.errors[method])
        lines.append(f"| {name} | {one.overall(method):.2f} | {months} |")
    return "\n".join(lines)


def _held(name: str, scores: Sequence[Score]) -> str:
    cells = [[held for one in scores for held in one.held[level]] for level in ("0.80", "0.95")]
    shares = " | ".join(f"{fmean(cases):.1%}" for cases in cells)
    return f"| {name} | {len(cells[0])} | {shares} |"


if __name__ == "__main__":
    main()
