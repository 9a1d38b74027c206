"""DCSA Track & Trace 2.2 to 3.0 as move events: equipment events, in either spelling of codes.

An event without an id gets one made of its content, which is the same at each import.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from contract.errors import Reason, Rejected
from contract.events import (
    Classifier,
    ContainerMoved,
    EquipmentEvent,
    Fill,
    Mode,
    Move,
    MoveRetracted,
    Retraction,
    TransportCall,
    Vessel,
)
from contract.wire import rejection_of
from producers.dcsa.schema import (
    BodyWire,
    CallWire,
    EventWire,
    HeadWire,
    LocationWire,
    decode_event,
)
from producers.reading.json_stream import Element, each
from producers.reading.outcome import (
    Accepted,
    File,
    Message,
    Outcome,
    Outcomes,
    ReadingTerms,
    Skip,
    Skipped,
    signed_by,
)
from producers.reading.values import (
    container_number,
    container_size,
    known_code,
    terminal_code,
    zoned_instant,
)

_OTHER_KINDS = {"TRANSPORT": Skip.TRANSPORT, "SHIPMENT": Skip.SHIPMENT}
NOWHERE = "unknown"  # the place of an estimate that names none; an estimate never counts


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a DCSA file: a list, {"events": [...]}, one object, or lines."""
    yield Message("$")
    yield from each(file.stream, lambda element: [_outcome(element, terms)])


def _outcome(element: Element, terms: ReadingTerms) -> Outcome:
    try:
        event = decode_event(element.raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise rejection_of(element.raw, error) from None
    return _Reading(event, terms).outcome(element.at)


class _Reading:
    """One event of any version, taken apart into head, body, box and call.

    `*_at` are their JSON paths, for the place of a refusal.
    """

    def __init__(self, event: EventWire, terms: ReadingTerms) -> None:
        self.event = event
        self.head: HeadWire | EventWire = event.metadata or event
        self.head_at = "$.metadata" if event.metadata else "$"
        self.body: BodyWire | EventWire = event.payload or event
        self.body_at = "$.payload" if event.payload else "$"
        self.kinds = event.eventClassification
        self.kinds_at = "$.eventClassification" if self.kinds else self.body_at
        self.box = event.equipmentDetails or self.body
        self.box_at = "$.equipmentDetails" if event.equipmentDetails else self.body_at
        details = event.transportDetails
        self.call = self.body.transportCall or (details.transportCall if details else None)
        routing = event.eventRouting
        publisher = self.head.publisher or (routing.originatingParty if routing else None)
        self.publisher = (
            publisher.carrierCode or publisher.partyCode or publisher.partyName
            if publisher
            else None
        )
        self.partner = terms.partner or signed_by(self.publisher, terms.book)
        self.book = terms.book

    def outcome(self, at: str) -> Outcome:
        kind = (
            self.head.eventType
            or (self.kinds.eventTypeCode if self.kinds else None)
            or ("EQUIPMENT" if self._move_code() else "")
        ).upper()
        retracted = self.head.retractedEventID
        if kind != "EQUIPMENT" and not (retracted is not None and not kind):
            if not kind:
                raise Rejected(
                    Reason.MISSING_FIELD,
                    "eventType is missing, so the kind of event is unknown; "
                    "send EQUIPMENT, TRANSPORT or SHIPMENT",
                    where=self.head_at,
                )
            return Skipped(at, _OTHER_KINDS.get(kind, Skip.OTHER_EVENT))
        if retracted is not None:
            return Accepted(at, self._retraction(str(retracted)))
        return Accepted(at, self._moved())

    def _retraction(self, original: str) -> MoveRetracted:
        recorded, where = self._recorded()
        if recorded is None:
            raise Rejected(
                Reason.MISSING_FIELD,
                "eventCreatedDateTime is missing; a retraction needs it",
                where=self.head_at,
            )
        recordedtime = self._instant(recorded, where)
        return MoveRetracted(
            specversion="1.0",
            id=self._own_id() or f"retraction-of-{original}",
            source=self._source(),
            time=recordedtime,
            recordedtime=recordedtime,
            data=Retraction(original),
        )

    def _moved(self) -> ContainerMoved:
        if not self.body.eventDateTime:
            raise Rejected(Reason.MISSING_FIELD, "eventDateTime is missing", where=self.body_at)
        occurred = self._local(
            self._instant(self.body.eventDateTime, f"{self.body_at}.eventDateTime")
        )
        recorded, where = self._recorded()
        move = self._move()
        return ContainerMoved(
            specversion="1.0",
            id=self._own_id() or _derived_id(move, occurred),
            source=self._source(),
            time=occurred,
            recordedtime=self._instant(recorded, where) if recorded else occurred,
            data=move,
        )

    def _move(self) -> Move:
        classifier = known_code(
            Classifier,
            (self.kinds.eventClassifierCode if self.kinds else None)
            or self.body.eventClassifierCode,
            f"{self.kinds_at}.eventClassifierCode",
        )
        moved = known_code(
            EquipmentEvent, self._move_code(), f"{self.kinds_at}.equipmentEventTypeCode"
        )
        fill = self.box.emptyIndicatorCode
        places = [place for place in self._places() if place is not None]
        return Move(
            eventClassifierCode=classifier,
            equipmentEventTypeCode=moved,
            facilityCode=self._facility(places, classifier),
            equipmentReference=container_number(self.box.equipmentReference),
            ISOEquipmentCode=container_size(self.box.ISOEquipmentCode, self.partner),
            emptyIndicatorCode=known_code(Fill, fill, f"{self.box_at}.emptyIndicatorCode")
            if fill
            else None,
            isTransshipmentMove=bool(self.box.isTransshipmentMove),
            isRetracted=bool(self.head.isRetracted or self.event.isRetracted),
            transportCall=_transport_call(self.call) if self.call else None,
            facilityTypeCode=_first(place.facilityTypeCode for place in places),
            facilityCodeListProvider=_first(place.facilityCodeListProvider for place in places),
            UNLocationCode=_first(place.UNLocationCode for place in places),
        )

    def _move_code(self) -> str | None:
        return (
            self.kinds.equipmentEventTypeCode if self.kinds else None
        ) or self.body.equipmentEventTypeCode

    def _places(self) -> tuple[LocationWire | None, ...]:
        """Return the places that may name the terminal, the likeliest first."""
        location = self.body.eventLocation or self.event.eventLocation
        return (location, self.call, self.call.location if self.call else None)

    def _facility(self, places: list[LocationWire], classifier: Classifier) -> str:
        """Return the code of the terminal, else of the port (maybe an alias in the book)."""
        code = _first(place.facilityCode for place in places) or _first(
            place.UNLocationCode for place in places
        )
        if code is None:
            if classifier is not Classifier.ACT:
                return NOWHERE
            raise Rejected(
                Reason.MISSING_FIELD,
                "facilityCode and UNLocationCode are missing; send facilityCode",
                where="$.eventLocation",
            )
        return terminal_code(code, self.partner, self.book)

    def _own_id(self) -> str | None:
        found = self.head.eventID
        return None if found is None or found == "" else str(found)

    def _recorded(self) -> tuple[str | None, str]:
        """Return when the record was made, and the path of that field."""
        for name in ("eventUpdatedDateTime", "eventCreatedDateTime"):
            if found := getattr(self.head, name):
                return found, f"{self.head_at}.{name}"
        return None, ""

    def _source(self) -> str:
        """Return /dcsa/ and the partner, else the carrier that publishes.

        It is never the operator of the ship: a retraction names no ship, but must have the source
        of its original.
        """
        name = self.partner.name if self.partner else self.publisher
        return f"/dcsa/{name or 'carrier'}"

    def _instant(self, text: str, where: str) -> datetime:
        return zoned_instant(text, where, self.partner)

    def _local(self, at: datetime) -> datetime:
        """The event's time, with the partner's zone where a local time was marked Z."""
        partner = self.partner
        if partner and partner.local_times_marked_z and at.tzinfo is UTC:
            return at.replace(tzinfo=ZoneInfo(partner.time_zone)).astimezone(UTC)
        return at


def _transport_call(call: CallWire) -> TransportCall:
    ship = call.vessel or call.vesselTransport
    outward, inward = call.exportVoyageNumberOrReference, call.importVoyageNumberOrReference
    imo = ship.vesselIMONumber if ship else None
    return TransportCall(
        modeOfTransport=known_code(Mode, call.modeOfTransport, "$.transportCall.modeOfTransport")
        if call.modeOfTransport
        else None,
        vessel=Vessel(
            None if imo is None else str(imo),
            ship.vesselName or ship.name,
            ship.vesselCallSignNumber or ship.vesselCallSign or ship.callSign,
        )
        if ship
        else None,
        exportVoyageNumber=call.exportVoyageNumber
        or call.carrierExportVoyageNumber
        or (outward.carrierVoyageNumber if outward else None),
        importVoyageNumber=call.importVoyageNumber
        or call.carrierImportVoyageNumber
        or (inward.carrierVoyageNumber if inward else None),
        transportCallID=call.transportCallID or call.transportCallReference,
    )


def _derived_id(move: Move, occurred: datetime) -> str:
    """Return an id made of the content, without whether the event is retracted."""
    call = move.transportCall
    parts = (
        move.eventClassifierCode,
        move.equipmentEventTypeCode,
        move.facilityCode,
        move.equipmentReference or "",
        (call and (call.exportVoyageNumber or call.importVoyageNumber)) or "",
        occurred.astimezone(UTC).isoformat(),
    )
    return "derived-" + hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()


def _first(words: Iterator[str | None]) -> str | None:
    return next((word.strip() for word in words if word and word.strip()), None)
