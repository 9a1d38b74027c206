"""Raw events: what producers say happened, as CloudEvents 1.0 in structured JSON.

`source` + `id` name an event for ever.  `time` is when it happened, `recordedtime` when the record
of it was made; the newest record of an event is the one that stands.  Field names of moves are
those of DCSA Track & Trace (2.2, 3.0), words of projects those of OC4IDS.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

Zoned = Annotated[datetime, Meta(tz=True)]
"""An instant with its offset; a naive time is refused, never guessed."""
Code = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=512)]


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
    """The ship of a call."""

    vesselIMONumber: str | None = None
    vesselName: str | None = None
    vesselCallSignNumber: str | None = None


class TransportCall(Struct, frozen=True, omit_defaults=True, gc=False):
    """DCSA transportCall: which ship, barge, train or truck, on which voyage."""

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
    """The payload of a retraction: the id of the event (of the same source) that never was."""

    retractedEventID: Code


class Money(Struct, frozen=True, omit_defaults=True, gc=False):
    """An OC4IDS value in whole units of its currency; `rate` is CNY for one of them, that day."""

    amount: Decimal
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "CNY"
    rate: Decimal | None = None

    def __post_init__(self) -> None:
        if not (self.amount.is_finite() and self.amount >= 0):
            raise ValueError(f"amount is {self.amount}, expected a number >= 0")
        if self.rate is not None and not (self.rate.is_finite() and self.rate > 0):
            raise ValueError(f"rate is {self.rate}, expected a number > 0")


class Stage(StrEnum):
    """How far a project has come, in order; `terminated` ends it from any stage."""

    SIGNED = "signed"
    REGISTERED = "registered"
    FILED = "filed"
    CONSTRUCTION_START = "construction_start"
    COMPLETED = "completed"
    IN_PRODUCTION = "in_production"
    AT_CAPACITY = "at_capacity"
    TERMINATED = "terminated"


class Project(Struct, frozen=True, omit_defaults=True, gc=False):
    """A project as signed (OC4IDS contractClose), or as a newer record of it re-attributes it."""

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
    """A capital increase: only the increment is added."""

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
    """An OC4IDS milestone as planned or re-planned."""

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
    """A figure for a period (2019, 2019-Q1, 2019-03, 2019-03-05); a later version replaces it."""

    zone: Code
    indicator: Code
    scope: Code
    period: Annotated[
        str, Meta(pattern=r"^\d{4}(-Q[1-4]|-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")
    ]
    value: Decimal
    unit: Code
    version: Annotated[int, Meta(ge=0)] = 0

    def __post_init__(self) -> None:
        if not self.value.is_finite():
            raise ValueError(f"value is {self.value}, expected a finite number")


class Label(Struct, frozen=True, gc=False):
    """A name in both languages of the operations room."""

    zh: Name
    en: Name


class Target(Struct, frozen=True, omit_defaults=True, gc=False):
    """A figure to be reached in a period, and how it is phased over it.

    `owner` is the port area or zone whose books it is measured on; `measures` names a KPI,
    `labels` picks its series. `monthly` holds twelve shares that sum to 1; without them the plan
    is linear.  `warn` and `critical` are paces.
    """

    owner: Code
    target: Code
    name: Label
    measures: Code
    period: Annotated[str, Meta(pattern=r"^\d{4}$")]
    value: Decimal
    labels: dict[str, str] = {}
    direction: Literal["at_least", "at_most"] = "at_least"
    monthly: tuple[float, ...] = ()
    warn: float = 0.97
    critical: float = 0.90

    def __post_init__(self) -> None:
        if not (self.value.is_finite() and self.value > 0):
            raise ValueError(f"value is {self.value}, expected a number > 0")
        if self.monthly and (
            len(self.monthly) != 12 or abs(sum(self.monthly) - 1) > 1e-9 or min(self.monthly) < 0
        ):
            raise ValueError(
                f"monthly has {len(self.monthly)} shares that sum to {sum(self.monthly):.6g}, "
                "expected 12, none negative, that sum to 1"
            )


class _Envelope(Struct, frozen=True, tag_field="type", kw_only=True, omit_defaults=True, gc=False):
    """What CloudEvents says of every event; `type` is the tag of the union."""

    id: Annotated[str, Meta(min_length=1, max_length=256)]
    source: Annotated[str, Meta(min_length=1, max_length=256)]
    time: Zoned
    recordedtime: Zoned
    partitionkey: str | None = None
    subject: str | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    specversion: Literal["1.0"]


class ContainerMoved(_Envelope, frozen=True, tag="port.container.moved.v1"):
    """A container was moved, or is expected to be; a newer record of the same event amends it."""

    data: Move
    TOPIC: ClassVar[str] = "port.moves.raw"


class MoveRetracted(_Envelope, frozen=True, tag="port.move.retracted.v1"):
    """An earlier event of the same source never was; may arrive before it."""

    data: Retraction
    TOPIC: ClassVar[str] = "port.moves.raw"


class ProjectRegistered(_Envelope, frozen=True, tag="zone.project.registered.v1"):
    """A project was signed, or is described anew."""

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
    """A figure was published."""

    data: Indicator
    TOPIC: ClassVar[str] = "zone.indicators.raw"


class TargetSet(_Envelope, frozen=True, tag="port.target.set.v1"):
    """A target was set, or changed; the newest record of a target and period stands."""

    data: Target
    TOPIC: ClassVar[str] = "port.targets"


MoveEvent = ContainerMoved | MoveRetracted
ProjectEvent = ProjectRegistered | AmountChanged | StageReached | MilestonePlanned | MilestoneMet
RawEvent = MoveEvent | ProjectEvent | IndicatorReported | TargetSet
"""Everything a producer may send: one tagged union."""
