"""EDIFACT wrapped in JSON, as in Smart Data Models' EdiCodeco: what counts is its `messageRaw`.

The fields beside it repeat the message in words and often contradict it; they are not read.
"""

from io import BytesIO

import msgspec
from msgspec import Struct

from contract.errors import Reason, Rejected
from contract.wire import why
from producers.edifact import reader
from producers.reading.json_stream import elements
from producers.reading.outcome import File, Outcomes, ReadingTerms, Refused, refusal


class Wrapped(Struct):
    """The one field that is read."""

    messageRaw: str  # noqa: N815 - the data model's name


_decode = msgspec.json.Decoder(Wrapped).decode


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """The outcomes of the messages that the file wraps."""
    try:
        for element in elements(file.stream):
            try:
                raw = _decode(element.raw).messageRaw.encode()
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                yield refusal(element.at, why(element.raw, error), element.raw)
                continue
            if raw.strip():
                yield from reader.read(File(file.name, BytesIO(raw), file.written_at), terms)
            else:
                yield Refused(element.at, Reason.BAD_SYNTAX, "messageRaw is empty", element.raw)
    except Rejected as rejected:
        yield refusal("", rejected)
