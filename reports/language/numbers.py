"""How quantities are written: grouped digits, a true minus, and no break before a unit."""

from reports.tree import Lang, NumberForm, ReportFigure

NO_BREAK = "\u00a0"
MINUS = "\u2212"


def written(quantity: ReportFigure, lang: Lang) -> str:
    """Return a quantity as text: rounded once, "–" where there is a reason."""
    value = quantity.number
    if value is None:
        return "–"
    shown = value if quantity.shown is None else quantity.shown
    return (f"{quantity.mark}{NO_BREAK}" if quantity.mark else "") + _written(
        quantity, shown, lang
    )


def number(value: float, digits: int = 0) -> str:
    """Return a number with grouped digits; half is rounded away from zero."""
    rounded = _round(value, digits)
    return f"{rounded:,.{digits}f}".replace("-", MINUS)


def _written(quantity: ReportFigure, value: float, lang: Lang) -> str:
    match quantity.form:
        case NumberForm.TEU | NumberForm.COUNT:
            return number(value)
        case NumberForm.TEU_SHORT:
            return f"{number(value / 1e4, 1)}{NO_BREAK}万" if lang == "zh" else number(value)
        case NumberForm.TEU_BAND:
            scale, unit = (1e4, f"{NO_BREAK}万") if lang == "zh" else (1e3, "k")
            return number(value / scale, 1 if lang == "zh" else 0) + unit
        case NumberForm.SHARE:
            return f"{number(value * 100, 1)}{NO_BREAK}%"
        case NumberForm.CHANGE:
            return f"{_signed(value * 100)}{NO_BREAK}%"
        case NumberForm.POINTS:
            return _signed(value * 100)
        case NumberForm.TIMES:
            return number(value, 2)
        case NumberForm.YUAN:
            scale, unit = (1e8, "亿元") if lang == "zh" else (1e9, "bn")
            before = "" if lang == "zh" else f"CNY{NO_BREAK}"
            return f"{before}{number(value / scale, 1)}{NO_BREAK}{unit}"
        case NumberForm.DAYS:
            return f"{number(value)}{NO_BREAK}{'天' if lang == 'zh' else 'd'}"
        case NumberForm.MINUTES:
            return number(value / 60)
        case NumberForm.AMOUNT:
            return number(value, quantity.digits)


def _signed(value: float) -> str:
    rounded = _round(value, 1)
    sign = "+" if rounded > 0 else ""
    return f"{sign}{number(rounded, 1)}"


def _round(value: float, digits: int) -> float:
    """Round half away from zero, and never to a negative zero."""
    scale: int = 10**digits
    exact = round(abs(value) * scale, 6)  # 0.285 * 1000 is 284.99999999999997
    whole = int(exact + 0.5)
    return (whole if value > 0 else -whole) / scale if whole else 0.0
