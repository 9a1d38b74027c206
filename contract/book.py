"""The port's book (quaymark.toml): areas, terminals, zone, TEU convention, partners."""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from contract.container_size import length_code, size_word
from contract.errors import Misconfigured
from contract.events import Code, Label
from contract.reporting.report_plan import ReportPlan


class Terminal(Struct, frozen=True, forbid_unknown_fields=True):
    """A terminal by its LOCAL facility code (SMDG lists none for Nantong)."""

    code: Code
    name: Label
    aliases: tuple[Code, ...] = ()
    """Other codes that partners use for it."""


class Area(Struct, frozen=True, forbid_unknown_fields=True):
    """A port area and its terminals."""

    code: Code
    name: Label
    terminal: Annotated[tuple[Terminal, ...], Meta(min_length=1)]


class Zone(Struct, frozen=True, forbid_unknown_fields=True):
    """The development zone, with the classifications of its projects as code -> names."""

    code: Code
    name: Label
    clusters: dict[str, Label]
    functional_areas: dict[str, Label]
    parks: dict[str, Label] = {}


class Rates(Struct, frozen=True, forbid_unknown_fields=True):
    """CNY for one unit of a currency from a day on, for events without a rate."""

    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    since: Annotated[str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
    rate: Annotated[float, Meta(gt=0)]


class Documents(Struct, frozen=True, forbid_unknown_fields=True):
    """Document codes (UN/EDIFACT 1001) of a partner for each move."""

    discharge: tuple[Code, ...] = ("44", "98")
    load: tuple[Code, ...] = ("46", "270")
    gate_in: tuple[Code, ...] = ("34",)
    gate_out: tuple[Code, ...] = ("36",)


NO_PARTNER, UNKNOWN_PARTNER = "-", "?"
"""The labels of what comes from nobody in particular, and from somebody without a profile.

No partner can have these names.
"""


class Partner(Struct, frozen=True, forbid_unknown_fields=True):
    """A sender of messages, and the conventions by which they are read."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    time_zone: str
    """The time zone of times without an offset."""
    senders: tuple[Code, ...] = ()
    """The names of the partner as a sender: the sender in UNB, the code of a carrier."""
    local_times_marked_z: bool = False
    """Event times that end in Z are local times."""
    documents: Documents = Documents()
    terminals: dict[str, Code] = {}
    """The partner's code of a terminal -> the code in the book."""
    sizes: dict[str, Code] = {}
    """The partner's own word for a size -> a size-type code of ISO 6346, or a listed spelling."""
    terminal_from: tuple[Annotated[str, Meta(pattern=r"^(LOC|NAD)\+[A-Z0-9]{1,3}$")], ...] = ()
    """The EDIFACT fields that name the terminal, in this order; () means LOC+165, then LOC+9 (of a
    load) or LOC+11 (of a discharge) if they name a place within the port."""
    terminal: Code | None = None
    """The terminal of all moves whose messages name none."""
    identity: Literal["move", "time", "document"] = "move"
    """By what moves of EDIFACT are told apart: `move` by ship and voyage at the quay and by the
    time at the gate, `time` by the time at both, `document` by the number of their document."""
    document_numbers_repeat: bool = False
    """Document numbers come again, so that no correction is matched by one."""
    columns: dict[str, str] = {}
    """A header in the partner's CSV files -> our name of the column."""
    expect_every: Annotated[str, Meta(pattern=r"^([1-9]\d{0,3}[mhd])?$")] = ""
    """The longest time between two files in the inbox, such as 30m, 6h or 1d; "" means any."""

    @property
    def expect_every_seconds(self) -> int:
        """`expect_every` in seconds; 0 if it is not given."""
        if not self.expect_every:
            return 0
        unit = {"m": 60, "h": 3600, "d": 86_400}[self.expect_every[-1]]
        return int(self.expect_every[:-1]) * unit


class IndicatorFile(Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of figures leaves open; `file` is a pattern such as `tax-*.csv`."""

    file: Annotated[str, Meta(min_length=1)]
    scope: Code | None = None
    unit: Code | None = None
    indicator: Code | None = None


class Port(Struct, frozen=True, forbid_unknown_fields=True):
    """The place of the port, and how it counts."""

    time_zone: str
    un_location_code: Annotated[str, Meta(pattern="^[A-Z]{2}[A-Z2-9]{3}$")] | None = None
    """The port in UN/LOCODE; a zone without a port has none."""
    teu: Literal["china", "eurostat"] = "china"
    open_days: Annotated[int, Meta(ge=31, le=4000)] = 400
    """The number of days for which a day can be corrected."""
    quiet_hours: Annotated[float, Meta(gt=0, le=8784)] = 2.0
    """Working hours without a move after which a fault is assumed."""
    work_from: Annotated[int, Meta(ge=0, le=23)] = 0
    work_to: Annotated[int, Meta(ge=1, le=24)] = 24
    """The quay works from `work_from` to `work_to` o'clock."""
    closed: tuple[date, ...] = ()
    """Days on which the quay does not work."""
    simulated: bool = True
    """Whether invented events may be sent into these books; false for a real port."""
    festival: Literal["", "spring"] = ""
    """With "spring" January and February are compared together, since the festival moves."""

    def __post_init__(self) -> None:
        if self.work_from >= self.work_to:
            raise ValueError(
                f"work_from is {self.work_from} and work_to {self.work_to}, "
                "expected two hours of one day, the first before the second"
            )


class Book(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The contents of quaymark.toml."""

    port: Port
    area: tuple[Area, ...] = ()
    """The port areas; () if only a zone is watched."""
    zone: Zone | None = None
    """The development zone; None if only a port is watched."""
    rate: tuple[Rates, ...] = ()
    partner: tuple[Partner, ...] = ()
    figures: tuple[IndicatorFile, ...] = ()
    report: ReportPlan = ReportPlan()

    @property
    def owners(self) -> tuple[str, ...]:
        """The codes of all that has books of its own: the port areas, then the zone."""
        zone = () if self.zone is None else (self.zone.code,)
        return (*(area.code for area in self.area), *zone)

    def described_zone(self) -> Zone:
        """Return the zone.

        Raises:
            Misconfigured: there is none.
        """
        if self.zone is None:
            raise Misconfigured(
                "quaymark.toml describes no [zone], so it has no projects and no figures; add one "
                "(docs/your-port.md)"
            )
        return self.zone

    @cached_property
    def tz(self) -> ZoneInfo:
        """The port's time zone, which decides when a day begins."""
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


T = TypeVar("T")


def read_book(text: str, path: str) -> Book:
    """Read the book from the text of `path`.

    Raises:
        Misconfigured: names `path`, the place, what was found and what was expected.
    """
    book = _read(text, path, Book)
    if not book.owners:
        raise Misconfigured(f"{path}: neither an [[area]] nor a [zone], expected one of them")
    if book.area and book.port.un_location_code is None:
        raise Misconfigured(
            f"{path}: port.un_location_code is missing, expected a code of UN/LOCODE such as CNNTG"
        )
    _refuse_unknown_time_zone(path, "port.time_zone", book.port.time_zone)
    for partner in book.partner:
        _refuse_unknown_time_zone(path, f"partner {partner.name}: time_zone", partner.time_zone)
        _refuse_unknown_terminals(path, partner, book)
        _refuse_unknown_sizes(path, partner)
    _refuse_repeats(path, "partner.name", [partner.name for partner in book.partner])
    _refuse_repeats(path, "partner.senders", [n for p in book.partner for n in p.senders])
    _refuse_repeats(path, "area.code", [area.code for area in book.area])
    _refuse_wrong_reports(path, book)
    names = [n for a in book.area for t in a.terminal for n in (t.code, *t.aliases)]
    _refuse_repeats(path, "area.terminal.code", names)
    return book


def _read(text: str, path: str, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"{path}: {error}") from None
    except msgspec.DecodeError as error:
        raise Misconfigured(f"{path}: not TOML: {error}") from None


def _refuse_unknown_time_zone(path: str, what: str, zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Misconfigured(
            f"{path}: {what} is {zone!r}, expected an IANA zone such as Asia/Shanghai"
        ) from None


def _refuse_unknown_terminals(path: str, partner: Partner, book: Book) -> None:
    named = partner.terminals | ({"terminal": partner.terminal} if partner.terminal else {})
    for theirs, ours in named.items():
        if ours not in book.terminal_codes:
            raise Misconfigured(
                f"{path}: partner {partner.name}: terminals.{theirs} is {ours!r}, expected one of "
                + ", ".join(sorted(book.terminal_codes))
            )


def _refuse_unknown_sizes(path: str, partner: Partner) -> None:
    words = [size_word(theirs) for theirs in partner.sizes]
    _refuse_repeats(path, f"partner {partner.name}: sizes:", words)
    for theirs, ours in partner.sizes.items():
        if length_code(ours) is None:
            raise Misconfigured(
                f"{path}: partner {partner.name}: sizes.{theirs} is {ours!r}, expected a "
                "size-type code of ISO 6346 such as L5G1, or a spelling such as 45HC"
            )


def _refuse_wrong_reports(path: str, book: Book) -> None:
    areas = [area.code for area in book.area]
    for codes in book.report.owners:
        for code in codes:
            if code not in book.owners:
                known = ", ".join(book.owners)
                raise Misconfigured(
                    f"{path}: report.owners names {code!r}, expected one of {known}"
                )
        if sum(code in areas for code in codes) > 1:
            raise Misconfigured(
                f"{path}: report.owners joins {', '.join(codes)}, expected one port area at most"
            )
    _refuse_repeats(
        path, "report.owners", [code for codes in book.report.owners for code in codes]
    )


def _refuse_repeats(path: str, what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise Misconfigured(
                f"{path}: {what} {name!r} appears {names.count(name)} times, expected once"
            )
