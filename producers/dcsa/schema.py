"""One schema of DCSA Track & Trace 2.2 (flat), 2.3 (metadata, payload) and 3.0 (nested).

Every field may be absent, even where the standard requires it; field names are those of DCSA.
"""

import msgspec
from msgspec import Struct


class VesselWire(Struct):
    """The ship, in the spellings of 2.2, 2.3 and 3.0."""

    vesselIMONumber: str | int | None = None
    vesselName: str | None = None
    name: str | None = None
    vesselCallSignNumber: str | None = None
    vesselCallSign: str | None = None
    callSign: str | None = None


class VoyageWire(Struct):
    """A voyage (3.0)."""

    carrierVoyageNumber: str | None = None


class LocationWire(Struct):
    """The location of an event or of a transport call."""

    UNLocationCode: str | None = None
    facilityCode: str | None = None
    facilityCodeListProvider: str | None = None
    facilityTypeCode: str | None = None


class CallWire(LocationWire):
    """A transport call; in 2.2 it has the fields of its location."""

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
    """The publisher (2.3) or the originating party (3.0)."""

    carrierCode: str | None = None
    partyCode: str | None = None
    partyName: str | None = None


class RoutingWire(Struct):
    """eventRouting (3.0)."""

    originatingParty: PublisherWire | None = None


class ClassificationWire(Struct):
    """eventClassification (3.0)."""

    eventTypeCode: str | None = None
    eventClassifierCode: str | None = None
    equipmentEventTypeCode: str | None = None


class EquipmentWire(Struct):
    """The container: equipmentDetails in 3.0, fields of the event in 2.2."""

    equipmentReference: str | None = None
    ISOEquipmentCode: str | int | None = None
    emptyIndicatorCode: str | None = None
    isTransshipmentMove: bool | None = None


class TransportWire(Struct):
    """transportDetails (3.0)."""

    transportCall: CallWire | None = None


class HeadWire(Struct):
    """The description of the event itself: metadata in 2.3, fields of the event in others."""

    eventID: str | int | None = None
    eventType: str | None = None
    eventCreatedDateTime: str | None = None
    eventUpdatedDateTime: str | None = None
    retractedEventID: str | int | None = None
    isRetracted: bool | None = None
    publisher: PublisherWire | None = None


class BodyWire(EquipmentWire):
    """The content of the event: payload in 2.3, fields of the event in 2.2."""

    eventClassifierCode: str | None = None
    eventDateTime: str | None = None
    equipmentEventTypeCode: str | None = None
    eventLocation: LocationWire | None = None
    transportCall: CallWire | None = None


class EventWire(BodyWire):
    """An event of any version; a struct has one base with fields, so HeadWire is repeated."""

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
"""Decodes the bytes of one event; raises msgspec.MsgspecError."""
