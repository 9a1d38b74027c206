"""CloudEvents of this contract in JSON: a list, {"events": [...]} or lines, as archives hold."""

from contract import wire
from contract.errors import Rejected
from producers.reading.json_stream import elements
from producers.reading.outcome import Accepted, File, Message, Outcomes, ReadingTerms, refusal


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a file of CloudEvents in structured JSON."""
    yield Message("$")
    try:
        for element in elements(file.stream):
            try:
                yield Accepted(element.at, wire.decode(element.raw))
            except Rejected as rejected:
                yield refusal(element.at, rejected, element.raw)
    except Rejected as rejected:
        yield refusal("", rejected)
