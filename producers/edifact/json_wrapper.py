"""EDIFACT wrapped in JSON, as in EdiCodeco of Smart Data Models: only `messageRaw` is read.

The other fields repeat the message in words and often contradict it.
"""

from io import BytesIO

import msgspec
from msgspec import Struct

from contract.errors import Reason
from contract.wire import rejection_of
from producers.edifact import reader
from producers.reading.json_stream import Element, elements
from producers.reading.outcome import File, Outcomes, ReadingTerms, Refused, refusal


class Wrapped(Struct):
    """The one field of an EdiCodeco that is read."""

    messageRaw: str  # noqa: N815 - this is the data model's name


_decode = msgspec.json.Decoder(Wrapped).decode


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of the EDIFACT messages in a JSON file."""
    for element in elements(file.stream):
        if not isinstance(element, Element):
            yield element
            continue
        try:
            raw = _decode(element.raw).messageRaw.encode()
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            yield refusal(element.at, rejection_of(element.raw, error), element.raw)
            continue
        if raw.strip():
            yield from reader.read(File(file.name, BytesIO(raw), file.written_at), terms)
        else:
            yield Refused(element.at, Reason.BAD_SYNTAX, "messageRaw is empty", element.raw)
