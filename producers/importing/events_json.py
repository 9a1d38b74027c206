"""Our own events as JSON (a list, {"events": [...]} or lines): an archive, or another system's."""

from contract import wire
from contract.errors import Rejected
from producers.reading.json_stream import elements
from producers.reading.outcome import Accepted, File, Message, Outcomes, ReadingTerms, refusal


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """The outcomes of a file of CloudEvents in structured JSON."""
    yield Message("$")
    try:
        for element in elements(file.stream):
            try:
                yield Accepted(element.at, wire.decode(element.raw))
            except Rejected as rejected:
                yield refusal(element.at, rejected, element.raw)
    except Rejected as rejected:
        yield refusal("", rejected)
