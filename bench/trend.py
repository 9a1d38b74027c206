"""The trend of the bench: the ratios of all runs as a table and as a chart.

Ratios can be compared across machines, because a run is divided by the limit of its own rounds.
"""

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from bench.chain.chain_table import WHOLE
from bench.results import Measurement

Ratio = Callable[[Measurement], float | None]


class RatioLine(NamedTuple):
    """A line of the chart: one ratio over all runs."""

    name: str
    of: Ratio
    colour: str


class RatioPanel(NamedTuple):
    """A panel of the chart: ratios that share a scale."""

    title: str
    lines: tuple[RatioLine, ...]


class TextStyle(NamedTuple):
    """How a text of the chart looks; the values are those of the SVG attributes."""

    anchor: str = "start"
    weight: str = "normal"
    size: int = 12
    colour: str = "#333333"


def _share(system: str) -> Ratio:
    """Return the ratio of a system's events per second to the bare limit's."""

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
    RatioPanel(
        "events per second, as a share of the bare limit's (more is better)",
        (
            RatioLine("2 workers", _share("2 workers"), "#1b6ca8"),
            RatioLine("the worker", _share("the worker"), "#0b3c5d"),
            RatioLine("Kafka Streams", _share("Kafka Streams (Java)"), "#b8860b"),
            RatioLine("quixstreams", _share("quixstreams"), "#a23b3b"),
        ),
    ),
    RatioPanel(
        "moves per CPU second of an import, as a share of the bare parser's (more is better)",
        (RatioLine("the import", _import, "#4b7f52"),),
    ),
    RatioPanel(
        "seconds of the whole chain, as a multiple of the bare limit's (less is better)",
        (RatioLine("the chain", _chain, "#6b4c9a"),),
    ),
)
LINES = tuple(line for panel in PANELS for line in panel.lines)


def section(runs: Sequence[Measurement], picture: str) -> str:
    """Return the section about the trend: the chart, and the table with the newest run first."""
    lines = [
        "## The trend",
        "",
        "Each run of `make bench` is one line of JSON in bench/results.jsonl; those of "
        "`make bench PARTS=import` and `PARTS=register` are in bench/imports.jsonl and "
        "bench/registers.jsonl.  The table shows "
        "the medians of its ratios, the newest run first:",
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


WIDTH, HEIGHT, GAP = 760, 190, 56  # of a panel, and the gap between two
LEFT, RIGHT, TOP = 46, 140, 30
LABEL_HEIGHT = 13
STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
TICKS = 5  # the most above zero


def picture(runs: Sequence[Measurement]) -> str:
    """Return an SVG chart with one panel for each scale; runs go from left to right."""
    height = len(PANELS) * (HEIGHT + GAP) + TOP
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for number, panel in enumerate(PANELS):
        drawn += _panel(panel, runs, TOP + number * (HEIGHT + GAP))
    return "\n".join([*drawn, "</svg>", ""])


def _panel(panel: RatioPanel, runs: Sequence[Measurement], top: float) -> list[str]:
    values = [[line.of(run) for run in runs] for line in panel.lines]
    largest = max((one for line in values for one in line if one is not None), default=1.0)
    step = next((one for one in STEPS if largest / one <= TICKS), STEPS[-1])
    ceiling = step * max(1, -(-largest // step))
    bottom, width = top + HEIGHT, WIDTH - LEFT - RIGHT

    def x(number: int) -> float:
        return LEFT + (width / 2 if len(runs) == 1 else number * width / (len(runs) - 1))

    def y(value: float) -> float:
        return bottom - value / ceiling * (HEIGHT - 24)

    drawn = [_text(LEFT, top + 4, panel.title, TextStyle(weight="bold"))]
    for tick in range(round(ceiling / step) + 1):
        at = y(tick * step)
        drawn.append(f'<path d="M{LEFT} {at:.1f}H{LEFT + width}" stroke="#dddddd"/>')
        drawn.append(_text(LEFT - 6, at + 4, f"{tick * step:g}", TextStyle(anchor="end")))
    for number, run in enumerate(runs):
        drawn.append(_text(x(number), bottom + 17, str(number + 1), TextStyle(anchor="middle")))
        drawn.append(
            _text(x(number), bottom + 31, f"{run.on:%d %b %y}", TextStyle(anchor="middle", size=9))
        )
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
    for at, label, colour in sorted(ends):  # from the top; a label that would overlap moves down
        free = max(at, free)
        drawn.append(_text(LEFT + width + 8, free, label, TextStyle(colour=colour)))
        free += LABEL_HEIGHT
    return drawn


def _text(across: float, down: float, text: str, style: TextStyle) -> str:
    return (
        f'<text x="{across:.1f}" y="{down:.1f}" text-anchor="{style.anchor}" '
        f'font-weight="{style.weight}" font-size="{style.size}" '
        f'fill="{style.colour}">{escape(text)}</text>'
    )
