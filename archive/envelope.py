"""What an archive reads in a record's bytes: the envelope, for columns and for picking a range."""

from datetime import datetime

import msgspec
from msgspec import Struct

from contract.binary_mode import structured
from contract.errors import Rejected
from contract.events import Zoned
from contract.record import Record


class Envelope(Struct, frozen=True, gc=False):
    """What CloudEvents says of every event: the columns for those who query an archive."""

    type: str
    id: str
    source: str
    time: Zoned
    recordedtime: Zoned


_decode = msgspec.json.Decoder(Envelope).decode


def envelope(record: Record) -> Envelope | None:
    """The envelope of a record in either of CloudEvents' modes; None if it holds no event."""
    try:
        return _decode(structured(record.value, record.headers) or b"")
    except (Rejected, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def event_time(record: Record) -> datetime | None:
    """When the event in a record happened; None if it holds none."""
    found = envelope(record)
    return None if found is None else found.time
