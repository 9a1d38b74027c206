"""Events of other sources on the live topics: simulated events are not sent among them."""

import asyncio
import re
from collections.abc import Callable
from datetime import date

import msgspec

from broker.connection import Connection
from broker.reader import TopicReading
from contract.binary_mode import structured
from contract.book import Book
from contract.errors import Misconfigured, Rejected
from contract.settings import Settings
from contract.topics import INDICATORS, MOVES, PROJECTS, Topic
from producers.simulate import sample_data, simulated_port, simulated_zone

FIRST_DAY = date(2016, 1, 1)  # the zone's record of signings begins here
MOVE_ID = re.compile(r"\d{8}-\d{5,}(-R)?")  # of a simulated move, or of its retraction


class EventName(msgspec.Struct, frozen=True):
    """What names an event; the rest of it is not decoded."""

    source: str
    id: str


IsSimulated = Callable[[EventName], bool]

_decode = msgspec.json.Decoder(EventName).decode


def first_of_other_sources(settings: Settings, book: Book, today: date) -> str | None:
    """Return words for the first event found that the simulator did not send; None without any.

    It reads the raw topics to their ends: about 4 s for a million events.

    Raises:
        StackError: there is no broker, or a topic is missing.
    """
    for topic, is_simulated in _simulated(book, today):
        with TopicReading(Connection.of(settings), topic) as reading:
            if (source := _first_other(reading, is_simulated)) is not None:
                return f"{topic.name} holds events of another source ({source})"
    return None


def refuse_real_port(settings: Settings, book: Book) -> None:
    """Make sure that invented events may go into these books; into those of a run they always may.

    Raises:
        Misconfigured: quaymark.toml says that the port is real.
    """
    if not book.port.simulated and not settings.run:
        raise Misconfigured(
            f"{settings.book} says simulated = false, so no invented event is sent; "
            "QUAYMARK_RUN=NAME sends them into a run"
        )


async def refuse_other_sources(settings: Settings, book: Book, today: date) -> None:
    """Make sure that the live topics hold simulated events only; a run's topics may hold any.

    Raises:
        Misconfigured: they hold events of another source.
        StackError: there is no broker, or a topic is missing.
    """
    if settings.run:
        return
    found = await asyncio.to_thread(first_of_other_sources, settings, book, today)
    if found is not None:
        raise Misconfigured(
            f"{found}, and simulated events would be counted with them: send them into a run "
            "(QUAYMARK_RUN=NAME), or confirm with --yes"
        )


def _simulated(book: Book, today: date) -> tuple[tuple[Topic, IsSimulated], ...]:
    """Return each raw topic and how its simulated events are recognised.

    A day's moves have ids by their number.  Projects and figures have the source and ids that
    `quaymark import` would give them, so they are compared with all that the simulator sends.
    """
    projects = {
        (due.event.source, due.event.id) for due in simulated_zone.simulate(book, FIRST_DAY, today)
    }
    figures = {(event.source, event.id) for event in sample_data.zone_figures(book)}
    sources = simulated_port.sources_of(book)
    return (
        (PROJECTS, lambda name: (name.source, name.id) in projects),
        (INDICATORS, lambda name: (name.source, name.id) in figures),
        (MOVES, lambda name: name.source in sources and bool(MOVE_ID.fullmatch(name.id))),
    )


def _first_other(reading: TopicReading, is_simulated: IsSimulated) -> str | None:
    """Return the source of the first event that is not simulated; None without any."""
    for batch in reading.rest():
        for record in batch:
            try:
                value = structured(record.value, record.headers)
                name = None if value is None else _decode(value)
            except (Rejected, msgspec.MsgspecError):
                return "not an event"
            if name is not None and not is_simulated(name):
                return name.source
    return None
