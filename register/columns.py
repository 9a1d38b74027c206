"""The columns of the register's files, and what each says.

One row is one *version*: one record of one event id.  A version stands in the books from
`known_from` until `known_to`, so what stood at an instant t is `known_from <= t < known_to`.
"""

from enum import StrEnum
from typing import NamedTuple

import pyarrow as pa

TEU = pa.decimal128(9, 2)
INSTANT = pa.timestamp("ms", tz="UTC")


class State(StrEnum):
    """What the ledger's judge said of a version."""

    COUNTED = "counted"
    UNCOUNTED = "uncounted"
    """Booked, but in no sum; `reason` is the cause."""
    RETRACTED = "retracted"
    """It withdraws its event."""
    REFUSED = "refused"
    """It is not booked; `reason` and `error` are those of its dead letter."""


class Field(NamedTuple):
    """A column: its type, and what it says."""

    name: str
    type: pa.DataType
    says: str


COLUMNS = (
    Field("event_id", pa.string(), "Id of the event; of a retraction, the id that it withdraws"),
    Field("source", pa.string(), "CloudEvents source: the system that reported it"),
    Field(
        "area",
        pa.string(),
        "Port area in which it is booked, or whose terminal it names; empty without one",
    ),
    Field("terminal", pa.string(), "Terminal by the port's book; as reported if it is unknown"),
    Field("event_time", INSTANT, "When it happened"),
    Field("business_day", pa.date32(), "Day of `event_time` in the port's time zone"),
    Field("recorded_time", INSTANT, "When this record was made; the greatest of an id counts"),
    Field("known_from", INSTANT, "When Kafka got it"),
    Field("known_to", INSTANT, "When a greater version of its id came; empty while it stands"),
    Field("move", pa.string(), "DCSA equipmentEventTypeCode: LOAD, DISC, GTIN, GTOT …"),
    Field("kind", pa.string(), "normal, transhipment or restow"),
    Field("fill", pa.string(), "LADEN or EMPTY"),
    Field("size_feet", pa.string(), "10, 20, 30, 40, 45, other or unknown"),
    Field("iso_code", pa.string(), "Size and type as reported (ISO 6346)"),
    Field("container", pa.string(), "Container number as reported"),
    Field("mode", pa.string(), "VESSEL, BARGE, RAIL or TRUCK"),
    Field("vessel_imo", pa.string(), "IMO number of the ship"),
    Field("vessel_name", pa.string(), "Name of the ship"),
    Field("voyage", pa.string(), "Voyage: export for a load, import for a discharge"),
    Field("document", pa.string(), "Number of the document that reported it"),
    Field("teu", TEU, "TEU that it adds to throughput, 0 for gate moves and restows"),
    Field("moves", pa.int8(), "1 if it is in a sum, else 0"),
    Field("state", pa.string(), "counted, uncounted, retracted or refused"),
    Field("reason", pa.string(), "Why it is uncounted or refused; unknown_size if TEU lacks"),
    Field("error", pa.string(), "The message of a refusal"),
    Field("attempt", pa.int16(), "1, or more if it was sent again by `rejected retry`"),
    Field("partner", pa.string(), "Partner of quaymark.toml that its source names"),
    Field("file", pa.string(), "File in which a record stood that was refused there"),
    Field("line", pa.string(), "Place in the file"),
    Field("topic", pa.string(), "port.moves.raw, or port.rejected for records of files"),
    Field("partition", pa.int16(), "Partition of the topic"),
    Field("offset", pa.int64(), "Offset in the partition"),
    Field("id_head", pa.uint64(), "Key of the id in the ledger: half of the XXH3-128 hash"),
    Field("id_rest", pa.uint32(), "The ledger's check bits of id and container"),
    Field("class_code", pa.uint8(), "The ledger's code of class and state"),
    Field("hundredths", pa.uint16(), "The ledger's hundredths of a TEU; 65535 if unknown"),
    Field("minute", pa.int16(), "Minute of `business_day`"),
    Field("by_id", pa.bool_(), "Whether it is a retraction by id, which is final"),
)
"""The columns in order; the last six let the ledger judge what comes next of the same id."""

SCHEMA = pa.schema([(column.name, column.type) for column in COLUMNS])
