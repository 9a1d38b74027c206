"""The two charts of a report as SVG, the same in HTML, PDF and PNG."""

from calendar import monthrange
from datetime import date

from reports.forms.axis import ValueAxis, axis
from reports.forms.markup import Markup, element, joined
from reports.language.language import ReportLanguage
from reports.language.numbers import NO_BREAK, number
from reports.period import year_to
from reports.tree import Columns, Curve

ACCENT, INK, GREY, LIGHT = "#0a5c8f", "#14181f", "#5c6672", "#c9ced6"
WIDE_BAND, NARROW_BAND, PALE_BAR = "#e3e7ec", "#c3ced9", "#9fb2c2"
FONT = "Quaymark Sans, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
TEXT, SMALL = 7.0, 6.3
TOP, LOW, HEIGHT = 9, 12, 130
Point = tuple[float, float]


class Sheet:
    """A drawing surface with a vertical axis, in the units of its view box."""

    def __init__(self, size: tuple[int, int], sides: tuple[int, int], values: ValueAxis) -> None:
        self.width, self.height = size
        self.left, self.right = sides[0], size[0] - sides[1]
        self.axis = values
        self.parts: list[Markup] = []

    def up(self, value: float) -> float:
        """Return the height at which a value lies."""
        share = (self.axis.high - value) / (self.axis.high - self.axis.low)
        return TOP + share * (self.height - TOP - LOW)

    def text(self, at: Point, said: str, anchor: str = "start", **look: object) -> None:
        """Write text at a point."""
        attributes = {
            "x": f"{at[0]:.1f}",
            "y": f"{at[1]:.1f}",
            "text-anchor": anchor,
            "fill": look.get("fill", GREY),
            "font-size": look.get("size", TEXT),
            "font-weight": 700 if look.get("bold") else None,
        }
        self.parts.append(element("text", attributes, said))

    def line(self, points: list[Point], stroke: str, width: float, dash: str = "") -> None:
        """Draw a line through points."""
        attributes = {
            "d": "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in points),
            "fill": "none",
            "stroke": stroke,
            "stroke-width": width,
            "stroke-dasharray": dash,
            "stroke-linejoin": "round",
        }
        self.parts.append(element("path", attributes))

    def area(self, points: list[Point], fill: str) -> None:
        """Fill the area between points."""
        path = "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z"
        self.parts.append(element("path", {"d": path, "fill": fill}))

    def grid(self, said: dict[float, str]) -> None:
        """Draw a line and its label at each tick."""
        for tick, label in said.items():
            y, is_zero = self.up(tick), tick == 0
            ends = [(self.left, y), (self.right, y)]
            self.line(
                [(float(x), y) for x, y in ends],
                INK if is_zero else LIGHT,
                0.8 if is_zero else 0.4,
            )
            self.text((self.left - 3, y + 2.4), label, "end", size=SMALL)

    def svg(self, alt: str) -> Markup:
        """Return the drawing; `alt` says what it shows."""
        attributes: dict[str, object] = {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {self.width} {self.height}",
            "font-family": FONT,
            "role": "img",
            "aria-label": alt,
        }
        return element("svg", attributes, joined(self.parts))


def curve(chart: Curve, language: ReportLanguage) -> Markup:
    """Draw a year against its plan, last year, and the forecast with its bands."""
    ends = [edge for band in chart.bands for edge in band]
    ends += [chart.end] if chart.end is not None else []
    sheet = Sheet((300, HEIGHT), (30, 48), axis([*chart.now, *chart.before, *ends]))
    length = 366 if monthrange(chart.year, 2)[1] == 29 else 365

    def at(day: int) -> float:
        return sheet.left + day / length * (sheet.right - sheet.left)

    sheet.grid({tick: _short(tick, language) for tick in sheet.axis.ticks})
    for month in range(1, 13, 1 if language.lang == "zh" else 2):
        middle = at(year_to(date(chart.year, month, 15)).days)
        said = language.short_month(month)
        sheet.text((middle, sheet.height - 2), said, "middle", size=SMALL)
    now = [(at(0), sheet.up(0))]
    now += [(at(day), sheet.up(value)) for day, value in enumerate(chart.now, 1)]
    last, end = now[-1], float(sheet.right)
    for (low, high), tone in zip(chart.bands, (WIDE_BAND, NARROW_BAND), strict=False):
        sheet.area([last, (end, sheet.up(high)), (end, sheet.up(low))], tone)
    labels = [(sheet.up(0) + 2.4, language.words.plan, INK, False)]
    if chart.before:
        before = [(at(day), sheet.up(value)) for day, value in enumerate(chart.before, 1)]
        sheet.line(before, GREY, 0.7, "1.5 1.5")
        said = f"{language.words.last_year} {number(chart.before[-1])}"
        labels.append((before[-1][1] + 2.4, said, GREY, False))
    if chart.end is not None:
        sheet.line([last, (end, sheet.up(chart.end))], ACCENT, 1.1, "2 1.6")
        labels.append((sheet.up(chart.end) + 2.4, number(chart.end), ACCENT, True))
    sheet.line(now, ACCENT, 1.7)
    for y, said, fill, bold in _apart(labels):
        sheet.text((end + 3, y), said, fill=fill, bold=bold, size=TEXT if bold else SMALL)
    return sheet.svg(chart.alt)


def columns(chart: Columns, language: ReportLanguage) -> Markup:
    """Draw days as bars, each with its plan, and what is needed a day from now on."""
    values = [teu for _, teu in chart.days]
    plans = [one for one in chart.plan if one is not None]
    need = [] if chart.needed is None else [chart.needed]
    sheet = Sheet((210, HEIGHT), (22, 16), axis([*values, *plans, *need]))
    step = (sheet.right - sheet.left) / max(1, len(chart.days))
    sheet.grid({tick: number(tick) for tick in sheet.axis.ticks})
    last_plan: float | None = None
    for n, ((on, teu), plan) in enumerate(zip(chart.days, chart.plan, strict=True)):
        x, y, dark = sheet.left + n * step, sheet.up(teu), on in chart.dark
        attributes = {
            "x": f"{x + step * 0.14:.2f}",
            "y": f"{y:.2f}",
            "width": f"{step * 0.72:.2f}",
            "height": f"{max(0.0, sheet.up(0) - y):.2f}",
            "fill": ACCENT if dark else PALE_BAR,
        }
        sheet.parts.append(element("rect", attributes))
        if plan is not None:
            last_plan = plan
            sheet.line([(x, sheet.up(plan)), (x + step, sheet.up(plan))], INK, 0.8)
        if on.weekday() == 0:
            middle = x + step / 2
            sheet.text((middle, sheet.height - 2), language.tick(on), "middle", size=SMALL)
    if last_plan is not None:
        at = (sheet.right + 2, sheet.up(last_plan) + 2.2)
        sheet.text(at, language.words.plan, fill=INK, size=SMALL)
    if chart.needed is not None:
        y = sheet.up(chart.needed)
        sheet.line([(float(sheet.left), y), (float(sheet.right), y)], ACCENT, 1, "3 2")
        said = language.plain(language.words.needed_from_now, teu=number(chart.needed))
        sheet.text((sheet.left + 3, TOP - 3), said, fill=ACCENT, bold=True)
    return sheet.svg(chart.alt)


def _short(value: float, language: ReportLanguage) -> str:
    """A tick of TEU: in 万 in Chinese, in thousands in English."""
    if not value:
        return "0"
    if language.lang == "zh":
        whole = value % 10_000 == 0
        return f"{number(value / 10_000, 0 if whole else 1)}{NO_BREAK}万"
    return f"{number(value / 1000, 0 if value % 1000 == 0 else 1)}k"


def _apart(labels: list[tuple[float, str, str, bool]]) -> list[tuple[float, str, str, bool]]:
    """Move labels at the right edge apart where they would lie on one another."""
    moved: list[tuple[float, str, str, bool]] = []
    for y, *rest in sorted(labels):
        low = moved[-1][0] + 7.5 if moved else y
        moved.append((max(y, low), *rest))  # type: ignore[arg-type]
    return moved
