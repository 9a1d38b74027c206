"""The trend of the bench: each run's ratios as a table, and as a picture.

Ratios outlive a machine: a run is compared with the limit of its own rounds.
"""

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from bench.chain.chain_table import WHOLE
from bench.results import Measurement

Ratio = Callable[[Measurement], float | None]


class Line(NamedTuple):
    """One ratio over all runs."""

    name: str
    of: Ratio
    colour: str


class Panel(NamedTuple):
    """Ratios that share a scale."""

    title: str
    lines: tuple[Line, ...]


def _share(system: str) -> Ratio:
    """A system's events a second, of the bare limit's."""

    def of(run: Measurement) -> float | None:
        found = [one.share_of_limit.median for one in run.systems if one.system == system]
        return found[0] if found else None

    return of


def _chain(run: Measurement) -> float | None:
    stages = () if run.chain is None else run.chain.stages
    return next((one.times_limit.median for one in stages if one.stage == WHOLE), None)


def _import(run: Measurement) -> float | None:
    return None if run.imported is None else run.imported.share_of_parser


PANELS = (
    Panel(
        "events a second, of the bare limit's (more is better)",
        (
            Line("2 workers", _share("2 workers"), "#1b6ca8"),
            Line("the worker", _share("the worker"), "#0b3c5d"),
            Line("Kafka Streams", _share("Kafka Streams (Java)"), "#b8860b"),
            Line("quixstreams", _share("quixstreams"), "#a23b3b"),
        ),
    ),
    Panel(
        "moves a CPU second of an import, of the bare parser's (more is better)",
        (Line("the import", _import, "#4b7f52"),),
    ),
    Panel(
        "seconds of the whole chain, times the bare limit's (less is better)",
        (Line("the chain", _chain, "#6b4c9a"),),
    ),
)
LINES = tuple(line for panel in PANELS for line in panel.lines)


def section(runs: Sequence[Measurement], picture: str) -> str:
    """The table, the newest run first, above it the picture."""
    lines = [
        "## The trend",
        "",
        "Each run of `make bench` is one line of JSON in bench/results.jsonl.  Medians of its "
        "ratios, the newest run first:",
        "",
        f"![Ratios of all runs]({picture})",
        "",
        f"| run | {' | '.join(line.name for line in LINES)} | Python, Kafka | machine |",
        f"|---|{'---:|' * len(LINES)}---|---|",
    ]
    for number, run in reversed(list(enumerate(runs, 1))):
        ratios = (_shown(line.of(run)) for line in LINES)
        machine = f"{run.machine.cpu}, {run.machine.cores} cores"
        row = (f"{number}, {run.on}", *ratios, f"{run.python}, {run.kafka}", machine)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join([*lines, ""])


def _shown(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


WIDTH, HEIGHT, GAP = 760, 190, 56  # of a panel, and what lies between two
LEFT, RIGHT, TOP = 46, 140, 30
LINE = 13  # between two labels
STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
TICKS = 5  # at most, above zero


def picture(runs: Sequence[Measurement]) -> str:
    """An SVG with a panel of lines for each scale; runs from left to right."""
    height = len(PANELS) * (HEIGHT + GAP) + TOP
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for number, panel in enumerate(PANELS):
        drawn += _panel(panel, runs, TOP + number * (HEIGHT + GAP))
    return "\n".join([*drawn, "</svg>", ""])


def _panel(panel: Panel, runs: Sequence[Measurement], top: float) -> list[str]:
    values = [[line.of(run) for run in runs] for line in panel.lines]
    largest = max((one for line in values for one in line if one is not None), default=1.0)
    step = next((one for one in STEPS if largest / one <= TICKS), STEPS[-1])
    ceiling = step * max(1, -(-largest // step))
    bottom, width = top + HEIGHT, WIDTH - LEFT - RIGHT

    def x(number: int) -> float:
        return LEFT + (width / 2 if len(runs) == 1 else number * width / (len(runs) - 1))

    def y(value: float) -> float:
        return bottom - value / ceiling * (HEIGHT - 24)

    drawn = [_text(LEFT, top + 4, panel.title, weight="bold")]
    for tick in range(round(ceiling / step) + 1):
        at = y(tick * step)
        drawn.append(f'<path d="M{LEFT} {at:.1f}H{LEFT + width}" stroke="#dddddd"/>')
        drawn.append(_text(LEFT - 6, at + 4, f"{tick * step:g}", anchor="end"))
    for number, run in enumerate(runs):
        drawn.append(_text(x(number), bottom + 17, str(number + 1), anchor="middle"))
        drawn.append(_text(x(number), bottom + 31, f"{run.on:%d %b %y}", anchor="middle", size=9))
    ends: list[tuple[float, str, str]] = []
    for line, found in zip(panel.lines, values, strict=True):
        at_runs = [(x(n), y(one)) for n, one in enumerate(found) if one is not None]
        if at_runs:
            points = " ".join(f"{across:.1f},{down:.1f}" for across, down in at_runs)
            drawn.append(
                f'<polyline points="{points}" fill="none" stroke="{line.colour}" '
                'stroke-width="2"/>'
            )
            drawn += [
                f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{line.colour}"/>'
                for across, down in at_runs
            ]
            last = next(one for one in reversed(found) if one is not None)
            ends.append((at_runs[-1][1] + 4, f"{line.name} {last:.2f}", line.colour))
    free = 0.0
    for at, label, colour in sorted(ends):  # the highest first; others make way downwards
        free = max(at, free)
        drawn.append(_text(LEFT + width + 8, free, label, colour=colour))
        free += LINE
    return drawn


def _text(
    across: float,
    down: float,
    said: str,
    *,
    anchor: str = "start",
    weight: str = "normal",
    size: int = 12,
    colour: str = "#333333",
) -> str:
    return (
        f'<text x="{across:.1f}" y="{down:.1f}" text-anchor="{anchor}" font-weight="{weight}" '
        f'font-size="{size}" fill="{colour}">{escape(said)}</text>'
    )
