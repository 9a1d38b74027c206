"""Raw events: what producers report, as CloudEvents 1.0 in structured JSON.

`source` and `id` identify an event for ever.  `time` is when it happened, `recordedtime` when this
record of it was made; the newest record of an event counts.  The field names of moves are those of
DCSA Track & Trace (2.2, 3.0), the terms of projects those of OC4IDS.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from contract.period import PERIOD, days_of_period, end_of_period, is_one_year

Zoned = Annotated[
    datetime,
    Meta(tz=True, extra_json_schema={"pattern": r"([Zz]|[+-]\d{2}:\d{2})$"}),
]
"""An instant with its offset from UTC; a time without one is rejected, never guessed."""
Code = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=512)]


NotNegative = Annotated[Decimal, Meta(extra_json_schema={"minimum": 0})]
"""A bound in the JSON Schema only; `__post_init__` of each type checks it."""


LARGEST = Decimal(10) ** 15
"""No amount, rate or figure is this large; a larger one is a mistake."""
MOST_DIGITS = 64
LAST_VERSION = (1 << 53) - 1  # the last whole number that is exact in every JSON


def _refuse_size(name: str, number: Decimal | None) -> None:
    """Raise ValueError for a finite number that is too large, too small or has too many digits."""
    if number is None or not number.is_finite() or not number:
        return
    if not (1 / LARGEST < number.copy_abs() < LARGEST and len(str(number)) <= MOST_DIGITS):
        raise ValueError(
            f"{name} is {number}, expected a size between {1 / LARGEST:.0e} and {LARGEST:.0e}, "
            f"of at most {MOST_DIGITS} digits"
        )


class Classifier(StrEnum):
    """DCSA eventClassifierCode; only ACT counts."""

    ACT = "ACT"
    EST = "EST"
    PLN = "PLN"
    REQ = "REQ"


class EquipmentEvent(StrEnum):
    """DCSA equipmentEventTypeCode."""

    LOAD = "LOAD"
    DISC = "DISC"
    GTIN = "GTIN"
    GTOT = "GTOT"
    STUF = "STUF"
    STRP = "STRP"
    PICK = "PICK"
    DROP = "DROP"
    INSP = "INSP"
    RSEA = "RSEA"
    RMVD = "RMVD"
    CUSS = "CUSS"
    CUSI = "CUSI"
    CUSR = "CUSR"
    CROS = "CROS"
    AVPU = "AVPU"
    AVDO = "AVDO"


class Fill(StrEnum):
    """DCSA emptyIndicatorCode."""

    EMPTY = "EMPTY"
    LADEN = "LADEN"


class Mode(StrEnum):
    """DCSA modeOfTransport."""

    VESSEL = "VESSEL"
    BARGE = "BARGE"
    RAIL = "RAIL"
    TRUCK = "TRUCK"


class MoveStatus(IntEnum):
    """UN/EDIFACT 8249, equipment status."""

    CONTINENTAL = 1
    EXPORT = 2
    IMPORT = 3
    REMAIN_ON_BOARD = 4
    SHIFTER = 5
    TRANSHIPMENT = 6
    SHORTLANDED = 7
    OVERLANDED = 8


class Vessel(Struct, frozen=True, omit_defaults=True, gc=False):
    """The ship of a transport call."""

    vesselIMONumber: str | None = None
    vesselName: str | None = None
    vesselCallSignNumber: str | None = None


class TransportCall(Struct, frozen=True, omit_defaults=True, gc=False):
    """DCSA transportCall: the ship, barge, train or truck, and its voyage."""

    modeOfTransport: Mode | None = None
    vessel: Vessel | None = None
    exportVoyageNumber: str | None = None
    importVoyageNumber: str | None = None
    transportCallID: str | None = None


class Move(Struct, frozen=True, omit_defaults=True, gc=False):
    """The payload of a move: one container lifted, gated, stuffed … at one terminal."""

    eventClassifierCode: Classifier
    equipmentEventTypeCode: EquipmentEvent
    facilityCode: Code
    equipmentReference: str | None = None
    ISOEquipmentCode: str | None = None
    emptyIndicatorCode: Fill | None = None
    isTransshipmentMove: bool = False
    isRetracted: bool = False
    moveStatus: MoveStatus | None = None
    transportCall: TransportCall | None = None
    facilityTypeCode: str | None = None
    facilityCodeListProvider: str | None = None
    UNLocationCode: str | None = None


class Retraction(Struct, frozen=True, gc=False):
    """The payload of a retraction: the id of the event, of the same source, that is withdrawn."""

    retractedEventID: Code


class Money(Struct, frozen=True, omit_defaults=True, gc=False):
    """An OC4IDS value in whole units of its currency; `rate` is CNY for one unit on that day."""

    amount: NotNegative
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "CNY"
    rate: Annotated[Decimal, Meta(extra_json_schema={"exclusiveMinimum": 0})] | None = None

    def __post_init__(self) -> None:
        _refuse_size("amount", self.amount)
        _refuse_size("rate", self.rate)
        if not (self.amount.is_finite() and self.amount >= 0):
            raise ValueError(f"amount is {self.amount}, expected a number >= 0")
        if self.rate is not None and not (self.rate.is_finite() and self.rate > 0):
            raise ValueError(f"rate is {self.rate}, expected a number > 0")


class Stage(StrEnum):
    """The stages of a project, in order; `terminated` can follow any stage."""

    SIGNED = "signed"
    REGISTERED = "registered"
    FILED = "filed"
    CONSTRUCTION_START = "construction_start"
    COMPLETED = "completed"
    IN_PRODUCTION = "in_production"
    AT_CAPACITY = "at_capacity"
    TERMINATED = "terminated"


class Project(Struct, frozen=True, omit_defaults=True, gc=False):
    """A project as signed (OC4IDS contractClose), or as a newer record re-attributes it."""

    zone: Code
    project: Code
    title: Name
    signed: date
    value: Money
    cluster: Code
    functional_area: Code
    title_zh: Name | None = None
    park: Code | None = None
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] = "CN"


class Amount(Struct, frozen=True, gc=False):
    """A capital increase; only the increment is added to the project's amount."""

    zone: Code
    project: Code
    increment: Money


class StageDate(Struct, frozen=True, gc=False):
    """A stage and the day on which the project reached it."""

    zone: Code
    project: Code
    stage: Stage
    on: date


class Milestone(Struct, frozen=True, omit_defaults=True, gc=False):
    """An OC4IDS milestone with its due date, as planned first or planned anew."""

    zone: Code
    project: Code
    milestone: Code
    title: Name
    dueDate: date
    type: str = "delivery"
    code: str | None = None


class MilestoneDate(Struct, frozen=True, gc=False):
    """A milestone and the day on which it was met."""

    zone: Code
    project: Code
    milestone: Code
    dateMet: date


class Indicator(Struct, frozen=True, omit_defaults=True, gc=False):
    """A published figure for a period (2019, 2019-Q1, 2019-03, 2019-03-05), with its version."""

    zone: Code
    indicator: Code
    scope: Code
    period: Annotated[
        str, Meta(pattern=r"^\d{4}(-Q[1-4]|-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")
    ]
    value: Decimal
    unit: Code
    version: Annotated[int, Meta(ge=0, le=LAST_VERSION)] = 0

    def __post_init__(self) -> None:
        _refuse_size("value", self.value)
        if not self.value.is_finite():
            raise ValueError(f"value is {self.value}, expected a finite number")
        end_of_period(self.period)


class Label(Struct, frozen=True, gc=False):
    """A name in Chinese and in English."""

    zh: Name
    en: Name


class Step(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a plan expects by the end of a day: a value, or a share of the way to the goal."""

    on: date
    value: Decimal | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.share is None):
            raise ValueError(f"steps: {self.on} gives both or neither, expected value or share")
        _refuse_size(f"steps: {self.on}", self.value)


class Target(Struct, frozen=True, omit_defaults=True, gc=False):
    """A value to be reached in a period, and the plan by which it is reached.

    `owner` is the port area or zone whose books are measured; `measures` names a KPI and `labels`
    select its series.  The plan is linear, or twelve `monthly` shares of a year that sum to 1, or
    dated `steps`.  It runs from `start`, the value at the beginning of the period.  Without a
    `start`, what adds up over the period starts from 0, and a level (a share, a rank, a number of
    firms) is expected throughout the period.  `warn` and `critical` are paces.  `unit` is the unit
    of `value` and must be that of the KPI.
    """

    owner: Code
    target: Code
    name: Label
    measures: Code
    period: Annotated[str, Meta(pattern=PERIOD)]
    value: NotNegative
    labels: dict[str, str] = {}
    direction: Literal["at_least", "at_most"] = "at_least"
    monthly: tuple[float, ...] = ()
    warn: float = 0.97
    critical: float = 0.90
    start: NotNegative | None = None
    steps: tuple[Step, ...] = ()
    unit: Annotated[str, Meta(max_length=64)] = ""
    withdrawn: bool = False
    """True ends the target; the other fields repeat what was withdrawn."""

    def __post_init__(self) -> None:
        first, end = days_of_period(self.period)
        least = 0 if self.direction == "at_most" else Decimal("1e-9")
        _refuse_size("value", self.value)
        _refuse_size("start", self.start)
        if not (self.value.is_finite() and self.value >= least):
            raise ValueError(f"value is {self.value}, expected a number > 0")
        if self.start is not None and not (self.start.is_finite() and self.start >= 0):
            raise ValueError(f"start is {self.start}, expected a number >= 0")
        if not 0 < self.critical <= self.warn:
            raise ValueError(
                f"critical is {self.critical:g} and warn {self.warn:g}, "
                "expected paces, critical above 0 and at most warn"
            )
        if self.monthly:
            self._refuse_months()
        if self.steps:
            self._refuse_steps(first, end)

    @property
    def key(self) -> str:
        """The identity of the target: owner, target and period."""
        return "|".join((self.owner, self.target, self.period))

    @property
    def step_shares(self) -> tuple[tuple[date, float], ...]:
        """The steps as (day, share of the way from start to goal at the end of that day)."""
        begins = self.start or Decimal(0)
        way = self.value - begins
        return tuple(
            (
                step.on,
                float((step.value - begins) / way if step.value is not None else step.share or 0),
            )
            for step in self.steps
        )

    def _refuse_months(self) -> None:
        if len(self.monthly) != 12 or abs(sum(self.monthly) - 1) > 1e-9 or min(self.monthly) < 0:
            raise ValueError(
                f"monthly has {len(self.monthly)} shares that sum to {sum(self.monthly):.6g}, "
                "expected 12, none negative, that sum to 1"
            )
        if not is_one_year(self.period):
            raise ValueError(
                f"monthly has shares of a year, and the period is {self.period}; "
                "expected steps, or a period of one year"
            )

    def _refuse_steps(self, first: date, end: date) -> None:
        if self.monthly:
            raise ValueError("steps and monthly are both given, expected one of the two")
        if self.start == self.value:
            raise ValueError(f"steps lead from start to value, and both are {self.value}")
        days = [step.on for step in self.steps]
        if days != sorted(set(days)) or not first <= days[0] <= days[-1] < end:
            raise ValueError(
                f"steps are dated {', '.join(map(str, days))}, expected rising days "
                f"of {self.period}"
            )
        shares = [0.0, *(share for _, share in self.step_shares), 1.0]
        if shares != sorted(shares):
            raise ValueError(
                "steps have the shares "
                + ", ".join(f"{share:.4g}" for share in shares[1:-1])
                + " of the way from start to value, expected rising ones from 0 to 1"
            )


class _Envelope(Struct, frozen=True, tag_field="type", kw_only=True, omit_defaults=True, gc=False):
    """The attributes that CloudEvents gives every event; `type` is the tag of the union."""

    id: Annotated[str, Meta(min_length=1, max_length=256)]
    source: Annotated[str, Meta(min_length=1, max_length=256)]
    time: Zoned
    recordedtime: Zoned
    partitionkey: str | None = None
    subject: str | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    specversion: Literal["1.0"]


class ContainerMoved(_Envelope, frozen=True, tag="port.container.moved.v1"):
    """A container was moved, or is expected to be; a newer record of the event amends it."""

    data: Move
    TOPIC: ClassVar[str] = "port.moves.raw"


class MoveRetracted(_Envelope, frozen=True, tag="port.move.retracted.v1"):
    """An event of the same source is withdrawn; this may arrive before that event does."""

    data: Retraction
    TOPIC: ClassVar[str] = "port.moves.raw"


class ProjectRegistered(_Envelope, frozen=True, tag="zone.project.registered.v1"):
    """A project was signed, or its description changed."""

    data: Project
    TOPIC: ClassVar[str] = "zone.projects.raw"


class AmountChanged(_Envelope, frozen=True, tag="zone.project.amount-changed.v1"):
    """A project's committed amount grew by an increment."""

    data: Amount
    TOPIC: ClassVar[str] = "zone.projects.raw"


class StageReached(_Envelope, frozen=True, tag="zone.project.stage-reached.v1"):
    """A project reached a stage."""

    data: StageDate
    TOPIC: ClassVar[str] = "zone.projects.raw"


class MilestonePlanned(_Envelope, frozen=True, tag="zone.milestone.planned.v1"):
    """A milestone of a project was planned, or planned anew."""

    data: Milestone
    TOPIC: ClassVar[str] = "zone.projects.raw"


class MilestoneMet(_Envelope, frozen=True, tag="zone.milestone.met.v1"):
    """A milestone of a project was met."""

    data: MilestoneDate
    TOPIC: ClassVar[str] = "zone.projects.raw"


class IndicatorReported(_Envelope, frozen=True, tag="zone.indicator.reported.v1"):
    """A figure of an indicator was published."""

    data: Indicator
    TOPIC: ClassVar[str] = "zone.indicators.raw"


class TargetSet(_Envelope, frozen=True, tag="port.target.set.v1"):
    """A target was set, changed or withdrawn; the newest record for its period counts."""

    data: Target
    TOPIC: ClassVar[str] = "port.targets"

    @property
    def age(self) -> tuple[datetime, str, str]:
        """The sort key of a target's records: the greatest is the newest, however they arrive."""
        return self.recordedtime, self.source, self.id

    def supersedes(self, held: "TargetSet | None") -> bool:
        """Is it a newer record of its target than the one held?"""
        return held is None or held.age < self.age


MoveEvent = ContainerMoved | MoveRetracted
ProjectEvent = ProjectRegistered | AmountChanged | StageReached | MilestonePlanned | MilestoneMet
RawEvent = MoveEvent | ProjectEvent | IndicatorReported | TargetSet
"""Every event that a producer may send, as one tagged union."""
