"""Values of the contract's types for hypothesis, made from what msgspec knows of them."""

import string
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

PATTERNS = {
    "^[A-Z]{3}$": ("CNY", "USD"),
    "^[A-Z]{2}$": ("CN", "JP"),
}
"""Pattern of a short code -> some that match it; periods match by their field's type."""
PERIODS = ("2019", "2019-Q1", "2019-03")
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3.5))])


@cache
def values_of(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of a type that its constructor takes."""
    return _made(inspect.type_info(kind))


def _made(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.Metadata(type=inner):
            return _made(inner)
        case inspect.StructType(cls=cls, fields=fields):
            needed = {f.name: _made(f.type) for f in fields if f.required}
            free = {f.name: _made(f.type) for f in fields if not f.required}
            return st.fixed_dictionaries(needed, optional=free).flatmap(_struct(cls))
        case inspect.UnionType(types=types):
            return st.one_of([_made(one) for one in types])
        case inspect.StrType(pattern=None):
            return st.text(min_size=kind.min_length or 0, max_size=min(kind.max_length or 8, 8))
        case inspect.StrType():
            return st.sampled_from(PATTERNS.get(kind.pattern or "", PERIODS))
        case inspect.EnumType(cls=cls):
            return st.sampled_from(cls)
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.BytesType():
            return st.binary(max_size=8)
        case inspect.TupleType(item_types=items):
            return st.tuples(*map(_made, items))
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.IntType():
            return st.integers(0, 1 << 40)
        case inspect.FloatType():
            return st.floats(0.01, 1.0)
        case inspect.DecimalType():
            return st.decimals(Decimal("0.01"), Decimal(10) ** 12, places=2)
        case inspect.DateTimeType():
            return st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001  # its zone is drawn
        case inspect.DateType():
            return st.dates(date(1970, 1, 1), date(2100, 1, 1))
        case inspect.DictType():
            return st.dictionaries(st.text(string.ascii_lowercase, max_size=3), st.text())
        case inspect.VarTupleType(item_type=item):
            return st.lists(_made(item), max_size=1).map(tuple)
    raise AssertionError(f"no values of {kind}")


def _struct(cls: type[Any]) -> Any:
    def make(fields: dict[str, Any]) -> st.SearchStrategy[Any]:
        try:
            return st.just(cls(**fields))
        except ValueError:  # what its __post_init__ refuses
            return st.nothing()

    return make


def plain(event: Any) -> Any:
    """An event as JSON's own types."""
    return msgspec.json.decode(msgspec.json.Encoder(decimal_format="number").encode(event))
