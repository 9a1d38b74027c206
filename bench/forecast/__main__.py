"""The back-test's command `python -m bench.forecast`, which writes docs/forecast.md's tables."""

import sys
import warnings
from datetime import date
from pathlib import Path

import click

from bench.forecast.backtest import (
    COUNTED,
    HELD,
    OURS,
    SIMPLE,
    SLOW,
    BackTest,
    Score,
    broken,
    score,
)
from bench.forecast.real_ports import HOUSTON, NEW_YORK, SINGAPORE
from bench.forecast.synthetic_ports import signings, synthetic

PAGE = Path("docs/forecast.md")
SHORT_YEARS = 2  # the least history that a forecast is made from
BEGIN, END = "<!-- back-test -->", "<!-- end of the back-test -->"
NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")


@click.command(epilog="Example: python -m bench.forecast --ports 48")
@click.option(
    "--ports",
    default=48,
    show_default=True,
    type=click.IntRange(1),
    help="Number of synthetic ports.",
)
@click.option(
    "--page",
    type=click.Path(path_type=Path),
    default=PAGE,
    show_default=True,
    help="Page to write.",
)
def main(ports: int, page: Path) -> None:
    """Back-test the forecast and write the tables; fail if a bound on the page is broken."""
    warnings.filterwarnings("ignore", module="statsmodels")  # some do not converge
    run = _run(ports)
    tables = _tables(run)
    head, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    page.write_text(f"{head}{BEGIN}\n{tables}\n{END}{tail}", encoding="utf-8")
    print(tables)
    for failure in (failures := broken(run)):
        print(f"back-test: {failure}", file=sys.stderr)
    sys.exit(bool(failures))


def _run(ports: int) -> BackTest:
    series = (HOUSTON, SINGAPORE, NEW_YORK)
    real = {one.title: score(one.ports(), {**SLOW, **SIMPLE}) for one in series}
    short = score(HOUSTON.ports(years_before=SHORT_YEARS))
    years = [synthetic(seed) for seed in range(ports)]
    middles = score(years, end=lambda year, month: date(year, month, 16))
    zones = score([signings(seed) for seed in range(ports)], COUNTED)
    return BackTest(
        singapore=real[SINGAPORE.title],
        real=real,
        short={f"{HOUSTON.title}, with {SHORT_YEARS} years of books before each": short},
        synthetic={
            f"{ports} synthetic years of a port": score(years),
            f"{ports} synthetic years of a port, on the 15th of each month": middles,
        },
        zones={f"{ports} synthetic years of a zone's signings": zones},
    )


def _tables(run: BackTest) -> str:
    real = {**run.real, "All years of real ports": run.whole}
    scores = {**real, **run.short, **run.synthetic, **run.zones}
    head = "| the band holds | years | cases | 80 % | 95 % |\n|---|---:|---:|---:|---:|"
    rows = [_held(title, one) for title, one in scores.items()]
    errors = [_table(title, one) for title, one in scores.items()]
    return "\n\n".join(["\n".join([head, *rows]), *errors])


def _table(title: str, one: Score) -> str:
    lines = [
        f"{title}: mean absolute error of the year's total, per cent.",
        "",
        f"| method | all | {' | '.join(NAMES)} |",
        f"|---|{'---:|' * (1 + len(NAMES))}",
    ]
    for method in sorted(one.errors, key=one.overall):
        name = f"**{method}**" if method == OURS else method
        months = " | ".join(f"{error:.2f}" for error in one.by_month(method))
        lines.append(f"| {name} | {one.overall(method):.2f} | {months} |")
    return "\n".join(lines)


def _held(title: str, one: Score) -> str:
    shares = " | ".join(f"{one.share_held(level):.1%}" for level in HELD)
    return f"| {title} | {one.years} | {len(one.held['0.80'])} | {shares} |"


if __name__ == "__main__":
    main()
