"""DCSA Track & Trace as it arrives: 2.2 (flat), 2.3 (metadata, payload), 3.0 (nested), in one.

Every field may be absent, whatever the standard says of it; field names are DCSA's.
"""

import msgspec
from msgspec import Struct


class VesselWire(Struct):
    """The ship: 2.2's spelling, 2.3's short one and 3.0's."""

    vesselIMONumber: str | int | None = None
    vesselName: str | None = None
    name: str | None = None
    vesselCallSignNumber: str | None = None
    vesselCallSign: str | None = None
    callSign: str | None = None


class VoyageWire(Struct):
    """3.0's voyage."""

    carrierVoyageNumber: str | None = None


class LocationWire(Struct):
    """Where: a location of an event or of a transport call."""

    UNLocationCode: str | None = None
    facilityCode: str | None = None
    facilityCodeListProvider: str | None = None
    facilityTypeCode: str | None = None


class CallWire(LocationWire):
    """A transport call; 2.2 writes its place straight into it."""

    transportCallID: str | None = None
    transportCallReference: str | None = None
    modeOfTransport: str | None = None
    location: LocationWire | None = None
    vessel: VesselWire | None = None
    vesselTransport: VesselWire | None = None
    exportVoyageNumber: str | None = None
    importVoyageNumber: str | None = None
    carrierExportVoyageNumber: str | None = None
    carrierImportVoyageNumber: str | None = None
    exportVoyageNumberOrReference: VoyageWire | None = None
    importVoyageNumberOrReference: VoyageWire | None = None


class PublisherWire(Struct):
    """Who says so: 2.3's publisher, 3.0's originating party."""

    carrierCode: str | None = None
    partyCode: str | None = None
    partyName: str | None = None


class RoutingWire(Struct):
    """3.0's eventRouting."""

    originatingParty: PublisherWire | None = None


class ClassificationWire(Struct):
    """3.0's eventClassification."""

    eventTypeCode: str | None = None
    eventClassifierCode: str | None = None
    equipmentEventTypeCode: str | None = None


class EquipmentWire(Struct):
    """The box: 3.0's equipmentDetails; 2.2 writes it straight into the event."""

    equipmentReference: str | None = None
    ISOEquipmentCode: str | int | None = None
    emptyIndicatorCode: str | None = None
    isTransshipmentMove: bool | None = None


class TransportWire(Struct):
    """3.0's transportDetails."""

    transportCall: CallWire | None = None


class HeadWire(Struct):
    """What is said of the event itself: 2.3's metadata; the others write it into the event."""

    eventID: str | int | None = None
    eventType: str | None = None
    eventCreatedDateTime: str | None = None
    eventUpdatedDateTime: str | None = None
    retractedEventID: str | int | None = None
    isRetracted: bool | None = None
    publisher: PublisherWire | None = None


class BodyWire(EquipmentWire):
    """What happened: 2.3's payload; 2.2 writes it straight into the event."""

    eventClassifierCode: str | None = None
    eventDateTime: str | None = None
    equipmentEventTypeCode: str | None = None
    eventLocation: LocationWire | None = None
    transportCall: CallWire | None = None


class EventWire(BodyWire):
    """An event of any version; a struct has one base with fields, so HeadWire is written out."""

    eventID: str | int | None = None
    eventType: str | None = None
    eventCreatedDateTime: str | None = None
    eventUpdatedDateTime: str | None = None
    retractedEventID: str | int | None = None
    isRetracted: bool | None = None
    publisher: PublisherWire | None = None
    metadata: HeadWire | None = None
    payload: BodyWire | None = None
    eventRouting: RoutingWire | None = None
    eventClassification: ClassificationWire | None = None
    equipmentDetails: EquipmentWire | None = None
    transportDetails: TransportWire | None = None


decode_event = msgspec.json.Decoder(EventWire).decode
"""One event's bytes: raises msgspec.MsgspecError."""
