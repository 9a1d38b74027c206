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


class Column(NamedTuple):
    """A column: its type, and what it says."""

    name: str
    type: pa.DataType
    says: str


COLUMNS = (
    Column("event_id", pa.string(), "Id of the event; of a retraction, the id that it withdraws"),
    Column("source", pa.string(), "CloudEvents source: the system that reported it"),
    Column("area", pa.string(), "Port area in which it is booked; empty for what is in no sum"),
    Column("terminal", pa.string(), "Terminal by the port's book; as reported if it is unknown"),
    Column("event_time", INSTANT, "When it happened"),
    Column("business_day", pa.date32(), "Day of `event_time` in the port's time zone"),
    Column("recorded_time", INSTANT, "When this record was made; the greatest of an id counts"),
    Column("known_from", INSTANT, "When Kafka got it, by the timestamp of its record"),
    Column("known_to", INSTANT, "When a greater version of its id came; empty while it stands"),
    Column("move", pa.string(), "DCSA equipmentEventTypeCode: LOAD, DISC, GTIN, GTOT …"),
    Column("kind", pa.string(), "normal, transhipment or restow"),
    Column("fill", pa.string(), "LADEN or EMPTY"),
    Column("size_feet", pa.string(), "10, 20, 30, 40, 45, other or unknown"),
    Column("iso_code", pa.string(), "Size and type as reported (ISO 6346)"),
    Column("container", pa.string(), "Container number as reported"),
    Column("mode", pa.string(), "VESSEL, BARGE, RAIL or TRUCK"),
    Column("vessel_imo", pa.string(), "IMO number of the ship"),
    Column("vessel_name", pa.string(), "Name of the ship"),
    Column("voyage", pa.string(), "Voyage: export for a load, import for a discharge"),
    Column("teu", TEU, "TEU that it adds to throughput, 0 for gate moves and restows"),
    Column("moves", pa.int8(), "1 if it is in a sum, else 0"),
    Column("state", pa.string(), "counted, uncounted, retracted or refused"),
    Column("reason", pa.string(), "Why it is uncounted or refused; unknown_size if TEU lacks"),
    Column("error", pa.string(), "The message of a refusal"),
    Column("attempt", pa.int16(), "1, or more if it was sent again by `rejected retry`"),
    Column("partition", pa.int16(), "Partition of port.moves.raw"),
    Column("offset", pa.int64(), "Offset in the partition"),
    Column("id_head", pa.uint64(), "Key of the id in the ledger: half of the XXH3-128 hash"),
    Column("id_rest", pa.uint32(), "The ledger's check bits of id and container"),
    Column("class_code", pa.uint8(), "The ledger's code of class and state"),
    Column("hundredths", pa.uint16(), "The ledger's hundredths of a TEU; 65535 if unknown"),
    Column("minute", pa.int16(), "Minute of `business_day`"),
    Column("by_id", pa.bool_(), "Whether it is a retraction by id, which is final"),
)
"""The columns in order; the last six let the ledger judge what comes next of the same id."""

SCHEMA = pa.schema([(column.name, column.type) for column in COLUMNS])
