"""The envelope of the event in a record: an archive's columns, and what a range is picked by."""

from datetime import datetime

import msgspec
from msgspec import Struct

from contract.binary_mode import structured
from contract.errors import Rejected
from contract.events import Zoned
from contract.record import Record


class Envelope(Struct, frozen=True, gc=False):
    """The CloudEvents attributes of an event, as the columns that queries of an archive use."""

    type: str
    id: str
    source: str
    time: Zoned
    recordedtime: Zoned


_decode = msgspec.json.Decoder(Envelope).decode


def envelope(record: Record) -> Envelope | None:
    """Return the envelope of a record in either CloudEvents mode; None if it holds no event."""
    try:
        return _decode(structured(record.value, record.headers) or b"")
    except (Rejected, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def event_time(record: Record) -> datetime | None:
    """Return when the event in a record happened; None if the record holds no event."""
    found = envelope(record)
    return None if found is None else found.time
