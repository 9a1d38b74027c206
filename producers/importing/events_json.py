"""CloudEvents of this contract in JSON: a list, {"events": [...]} or lines, as archives hold."""

from contract import wire
from producers.reading.json_stream import each
from producers.reading.outcome import Accepted, File, Message, Outcomes, ReadingTerms


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a file of CloudEvents in structured JSON."""
    yield Message("$")
    yield from each(file.stream, lambda element: [Accepted(element.at, wire.decode(element.raw))])
