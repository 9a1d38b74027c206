"""The port's book (quaymark.toml: areas, terminals, zone, TEU convention) and its targets."""

from functools import cached_property
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from contract.errors import Misconfigured
from contract.events import Code, Label, Target


class Terminal(Struct, frozen=True, forbid_unknown_fields=True):
    """A terminal by its LOCAL facility code (SMDG lists none for Nantong)."""

    code: Code
    name: Label
    aliases: tuple[Code, ...] = ()
    """Other codes under which partners know it."""


class Area(Struct, frozen=True, forbid_unknown_fields=True):
    """A port area and its terminals."""

    code: Code
    name: Label
    terminal: Annotated[tuple[Terminal, ...], Meta(min_length=1)]


class Zone(Struct, frozen=True, forbid_unknown_fields=True):
    """The development zone: the words by which its projects are sorted, code -> names."""

    code: Code
    name: Label
    clusters: dict[str, Label]
    functional_areas: dict[str, Label]
    parks: dict[str, Label] = {}


class Rates(Struct, frozen=True, forbid_unknown_fields=True):
    """CNY for one unit of a currency from a day on, for events that give no rate of their own."""

    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    since: str
    rate: Annotated[float, Meta(gt=0)]


class Port(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the port is, and how it counts."""

    time_zone: str
    un_location_code: Annotated[str, Meta(pattern="^[A-Z]{2}[A-Z2-9]{3}$")]
    teu: Literal["china", "eurostat"] = "china"
    open_days: Annotated[int, Meta(ge=31, le=4000)] = 400
    """How long a day's books stay open for corrections."""


class Book(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """quaymark.toml as a value."""

    port: Port
    area: Annotated[tuple[Area, ...], Meta(min_length=1)]
    zone: Zone
    rate: tuple[Rates, ...] = ()

    @cached_property
    def tz(self) -> ZoneInfo:
        """The port's zone: the one in which a day begins."""
        return ZoneInfo(self.port.time_zone)

    @cached_property
    def area_of(self) -> dict[str, str]:
        """Terminal code -> code of its area."""
        return {terminal.code: area.code for area in self.area for terminal in area.terminal}

    @cached_property
    def terminal_codes(self) -> dict[str, str]:
        """Any code or alias of a terminal -> its code."""
        return {
            name: terminal.code
            for area in self.area
            for terminal in area.terminal
            for name in (terminal.code, *terminal.aliases)
        }


class TargetLine(Target, frozen=True, forbid_unknown_fields=True):
    """A `[[target]]` of targets.toml: the fields of the event's payload."""


class Targets(Struct, frozen=True, forbid_unknown_fields=True):
    """targets.toml as a value."""

    target: tuple[TargetLine, ...] = ()


T = TypeVar("T")


def read_book(text: str, path: str) -> Book:
    """The book in the text of `path`.

    Raises:
        Misconfigured: `path`, the place in it, what was found and what was expected.
    """
    book = _read(text, path, Book)
    try:
        ZoneInfo(book.port.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Misconfigured(
            f"{path}: port.time_zone is {book.port.time_zone!r}, "
            "expected an IANA zone such as Asia/Shanghai"
        ) from None
    _refuse_repeats(path, "area.code", [area.code for area in book.area])
    names = [n for a in book.area for t in a.terminal for n in (t.code, *t.aliases)]
    _refuse_repeats(path, "area.terminal.code", names)
    return book


def read_targets(text: str, path: str) -> tuple[Target, ...]:
    """The targets in the text of `path`.

    Raises:
        Misconfigured: `path`, the place in it, what was found and what was expected.
    """
    targets = _read(text, path, Targets).target
    _refuse_repeats(path, "target", [f"{t.owner} {t.target} {t.period}" for t in targets])
    return targets


def _read(text: str, path: str, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"{path}: {error}") from None
    except msgspec.DecodeError as error:
        raise Misconfigured(f"{path}: not TOML: {error}") from None


def _refuse_repeats(path: str, what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise Misconfigured(
                f"{path}: {what} {name!r} stands {names.count(name)} times, expected once"
            )
