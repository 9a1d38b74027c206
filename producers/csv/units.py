"""Units and periods of published figures, such as thousand TEU, 亿元 and 2019年第一季度."""

import re
from datetime import date, timedelta
from decimal import Decimal

from contract.errors import Reason, Rejected
from producers.csv.numbers import day, folded
from producers.reading.outcome import excerpt
from producers.reading.values import FIRST_YEAR, LAST_YEAR

_MULTIPLES = {
    "": 1,
    "thousand": 1_000,
    "k": 1_000,
    "千": 1_000,
    "ten thousand": 10_000,
    "万": 10_000,
    "million": 1_000_000,
    "m": 1_000_000,
    "百万": 1_000_000,
    "亿": 100_000_000,
    "billion": 1_000_000_000,
    "bn": 1_000_000_000,
}
_UNITS = {
    "teu": "TEU",
    "teus": "TEU",
    "标箱": "TEU",
    "标准箱": "TEU",
    "yuan": "yuan",
    "cny": "yuan",
    "rmb": "yuan",
    "元": "yuan",
    "人民币": "yuan",
    "usd": "USD",
    "美元": "USD",
    "eur": "EUR",
    "欧元": "EUR",
    "jpy": "JPY",
    "日元": "JPY",
    "hkd": "HKD",
    "港元": "HKD",
    "ton": "t",
    "tons": "t",
    "tonne": "t",
    "tonnes": "t",
    "t": "t",
    "吨": "t",
    "%": "percent",
    "percent": "percent",
    "ratio": "ratio",
    "家": "firms",
    "firms": "firms",
    "个": "count",
    "count": "count",
    "名": "rank",
    "位": "rank",
    "rank": "rank",
}
_TWO_TONS = frozenset(("mt", "MT", "mT"))  # metric tons in trade; Mt is a million tonnes
_PERIODS = (
    (re.compile(r"([0-9]{4})年?"), "{0}"),
    (re.compile(r"([0-9]{4})[-/ ]?[Qq]([1-4])"), "{0}-Q{1}"),
    (re.compile(r"([0-9]{4})年?第?([1-4一二三四])季度"), "{0}-Q{1}"),
    (re.compile(r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})月?"), "{0}-{1:0>2}"),
    (re.compile(r"([0-9]{4})(0[1-9]|1[0-2])"), "{0}-{1}"),
)
_SHORT_DECIMAL = re.compile(r"([0-9]{4})\.1")  # programs write the number 2019.10 as 2019.1
_CHINESE_QUARTERS = str.maketrans("一二三四", "1234")


def base_unit(text: str, where: str) -> tuple[str, Decimal]:
    """Return the base unit of `thousand TEU`, `万标箱`, `亿元` …, and its exact multiple.

    Raises:
        Rejected: the unit is not known.
    """
    written = folded(text)
    if written in _TWO_TONS:
        raise Rejected(
            Reason.UNKNOWN_CODE,
            f"unit {excerpt(text)} may be tonnes or a million tonnes; write t or million t",
            where=where,
        )
    word = written.casefold()
    for ending in sorted(_UNITS, key=len, reverse=True):
        if word.endswith(ending):
            multiple = word.removesuffix(ending).strip().rstrip("s")
            if multiple in _MULTIPLES:
                return _UNITS[ending], Decimal(_MULTIPLES[multiple])
    known = ", ".join(sorted(set(_UNITS.values())))
    raise Rejected(
        Reason.UNKNOWN_CODE,
        f"unit {excerpt(text)} is not known; expected one of {known} or a multiple such as "
        "'thousand TEU', 万标箱, 亿元",
        where=where,
    )


def plain(value: Decimal) -> Decimal:
    """Return the same number without an exponent and without trailing zeros."""
    return Decimal(format(value.normalize(), "f"))


def period_of(text: str, where: str) -> str:
    """Return a period in the form of the contract.

    Raises:
        Rejected: the text is no period, or can be read in two ways.
    """
    if found := _SHORT_DECIMAL.fullmatch(text):
        raise Rejected(
            Reason.BAD_VALUE,
            f"{excerpt(text)} may be {found[1]}-01 or {found[1]}-10 without its last zero; write "
            "the month with two digits",
            where=where,
        )
    for pattern, form in _PERIODS:
        if found := pattern.fullmatch(text):
            period = form.format(*(g.translate(_CHINESE_QUARTERS) for g in found.groups()))
            months = period[5:]
            if FIRST_YEAR <= int(period[:4]) <= LAST_YEAR and (
                not months.isdigit() or 1 <= int(months) <= 12
            ):
                return period
            break
    try:
        return day(text, where).isoformat()
    except Rejected as rejected:
        if "may be" in rejected.message:
            raise
    raise Rejected(
        Reason.BAD_VALUE,
        f"{excerpt(text)} is no period; expected 2019, 2019-Q1, 2019-03 or 2019-03-05",
        where=where,
    )


def last_day(period: str) -> date:
    """Return the last day of a period: a figure is known when its period is over."""
    year, _, rest = period.partition("-")
    if len(rest) == 5:
        return date.fromisoformat(period)
    month = int(rest[1]) * 3 if rest.startswith("Q") else int(rest or 12)
    first_of_next = date(int(year) + month // 12, month % 12 + 1, 1)
    return first_of_next - timedelta(days=1)
