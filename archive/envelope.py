"""What an archive reads in a record's bytes: the envelope, for columns and for picking a range."""

from datetime import datetime

import msgspec
from msgspec import Struct

from contract.events import Zoned


class Envelope(Struct, frozen=True, gc=False):
    """What CloudEvents says of every event: the columns for those who query an archive."""

    type: str
    id: str
    source: str
    time: Zoned
    recordedtime: Zoned


_decode = msgspec.json.Decoder(Envelope).decode


def envelope(value: bytes | None) -> Envelope | None:
    """The envelope of the event in these bytes; None if they hold none."""
    try:
        return _decode(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def event_time(value: bytes | None) -> datetime | None:
    """When the event in these bytes happened; None if they hold none."""
    found = envelope(value)
    return None if found is None else found.time
