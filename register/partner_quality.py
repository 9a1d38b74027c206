"""The quality of each partner's records: of 24 hours or some days, and of the week before."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from contract.book import NO_PARTNER, Book
from contract.container import number_flag
from register import catalog as catalogs
from register.columns import State
from register.files import connected
from register.partners import areas_by_partner
from register.reading import RegisterReading

SPAN = timedelta(hours=24)
USUAL = timedelta(days=7)
"""How long before these hours or days the usual share of refusals is taken from."""
_AN_INSTANT = timedelta(milliseconds=1)
"""Between two instants of the register: a span has its last instant, but not its first."""

_DAY = f"""
    WITH versions AS (FROM {{versions}}),
    recent AS (SELECT *, coalesce(partner, '{NO_PARTNER}') AS name FROM versions
        WHERE known_from > $since AND known_from <= $until AND {{place}}),
    replaced AS (SELECT DISTINCT "partition", id_head, known_to AS known_from FROM versions
        WHERE state <> '{State.REFUSED}' AND known_to > known_from AND known_to > $since)
    SELECT name, count(*),
        count(*) FILTER (state <> '{State.REFUSED}' AND known_to <= known_from),
        count(*) FILTER (state NOT IN ('{State.REFUSED}', '{State.RETRACTED}')
            AND ("partition", id_head, known_from) IN (FROM replaced)),
        quantile_cont(epoch_ms(known_from) - epoch_ms(event_time), [0.5, 0.95])
            FILTER (state IN ('{State.COUNTED}', '{State.UNCOUNTED}')),
        count(DISTINCT CAST(known_from AT TIME ZONE '{{zone}}' AS DATE))
    FROM recent GROUP BY name
"""
_REASONS = f"""
    SELECT coalesce(partner, '{NO_PARTNER}'), reason, count(*) FROM {{versions}}
    WHERE known_from > $since AND known_from <= $until AND state = '{State.REFUSED}'
        AND {{place}} GROUP BY ALL
"""
_COUNTED = f"""
    SELECT coalesce(partner, '{NO_PARTNER}'), container, reason, count(*) FROM {{versions}}
    WHERE known_from > $since AND known_from <= $until AND state = '{State.COUNTED}'
        AND (known_to IS NULL OR known_to > known_from) AND {{place}}
    GROUP BY ALL
"""
_WEEK = f"""
    SELECT coalesce(partner, '{NO_PARTNER}'),
        count(*) FILTER (state = '{State.REFUSED}') / count(*)
    FROM {{versions}} WHERE known_from > $since AND known_from <= $until AND {{place}}
    GROUP BY ALL
"""
_LAST = f"""
    SELECT coalesce(partner, '{NO_PARTNER}'), max(known_from) FROM {{versions}}
    WHERE known_from <= $until AND {{place}} GROUP BY ALL
"""
_IN_AREA = f"""
    (area = $area OR (NOT list_contains($areas, area)
        AND NOT list_contains($elsewhere, coalesce(partner, '{NO_PARTNER}'))))
"""


class _Place(Struct, frozen=True):
    """A condition on where records belong, and the values of its parameters."""

    condition: str = "true"
    values: dict[str, Any] = {}


_ANYWHERE = _Place()


class PartnerQuality(Struct, frozen=True):
    """A partner's records of 24 hours or of some days, by what became of them.

    Attributes:
        partner: its name, `-` for records of nobody in particular.
        received: all of its records.
        refused: reason -> records.
        flagged: those that count although a fault is flagged.
        repeated: those that changed nothing.
        amended: those that replaced an earlier one.
        delays: the median and the 95th percent of the seconds from a move to its record; None
            without a booked record.
        usual_refused: the share that was refused in the week before; None if nothing came then.
        last: when its last record came; None if never.
        days: the days of the port's time zone on which any of its records came.
    """

    partner: str
    received: int = 0
    refused: dict[str, int] = {}
    flagged: int = 0
    repeated: int = 0
    amended: int = 0
    delays: tuple[float, float] | None = None
    usual_refused: float | None = None
    last: datetime | None = None
    days: int = 0

    @property
    def all_refused(self) -> int:
        """The records that were refused for any reason."""
        return sum(self.refused.values())

    @property
    def accepted(self) -> int:
        """The records that were booked and are no repeats."""
        return self.received - self.all_refused - self.repeated

    def share(self, records: int) -> float | None:
        """Return a number of its records as a share of all; None if it has none."""
        return records / self.received if self.received else None


def partner_quality(folder: Path, book: Book, now: datetime) -> list[PartnerQuality]:
    """Return the quality of each partner of the book, and of records of nobody, by a register.

    A partner without any record has its row, too; a register without any has none.

    Raises:
        StackError: the register is damaged.
    """
    return _quality(folder, book, now - SPAN, now)


def partner_quality_of_days(
    folder: Path, book: Book, area: str, first: date, after: date
) -> list[PartnerQuality]:
    """Return the same of an area's records that Kafka got from a day until another, without it.

    The days are those of the port's time zone.  A record that names no terminal of the port is of
    each area whose terminals the profile of its partner names, and of all where it names none.

    Raises:
        StackError: the register is damaged.
    """
    since, until = (datetime.combine(on, time(), book.tz) - _AN_INSTANT for on in (first, after))
    away = [name for name, areas in areas_by_partner(book).items() if area not in areas]
    known = [one.code for one in book.area]
    in_area = _Place(_IN_AREA, {"area": area, "areas": known, "elsewhere": away})
    return _quality(folder, book, since, until, in_area)


def _quality(
    folder: Path, book: Book, since: datetime, until: datetime, place: _Place = _ANYWHERE
) -> list[PartnerQuality]:
    if not catalogs.read(folder).rows:
        return []
    reading = RegisterReading(folder)
    return reading.of_one_catalog(lambda: _asked(reading.versions, book, since, until, place))


def _asked(
    versions: str, book: Book, since: datetime, until: datetime, place: _Place
) -> list[PartnerQuality]:
    connection = connected()

    def ask(asked: str, *, since: datetime | None = since, until: datetime = until) -> list[Any]:
        values = place.values | {"until": until} | ({"since": since} if since else {})
        filled = asked.format(versions=versions, zone=book.tz.key, place=place.condition)
        return connection.execute(filled, values).fetchall()

    days = {row[0]: row[1:] for row in ask(_DAY)}
    refused: dict[str, dict[str, int]] = {}
    for name, reason, number in ask(_REASONS):
        refused.setdefault(name, {})[reason or "unprocessable"] = number
    flagged = Counter[str]()
    for name, container, reason, number in ask(_COUNTED):
        if reason or _number_flag(container):
            flagged[name] += number
    usual = dict(ask(_WEEK, since=since - USUAL, until=since))
    last = dict(ask(_LAST, since=None))
    names = dict.fromkeys((*(one.name for one in book.partner), *sorted(last)))
    return [
        PartnerQuality(
            partner=name,
            received=received,
            refused=refused.get(name, {}),
            flagged=flagged[name],
            repeated=repeated,
            amended=amended,
            delays=delays and (delays[0] / 1000, delays[1] / 1000),
            usual_refused=usual.get(name),
            last=last.get(name),
            days=came_on,
        )
        for name in names
        for received, repeated, amended, delays, came_on in (days.get(name, (0, 0, 0, None, 0)),)
    ]


_number_flag = lru_cache(maxsize=65_536)(number_flag)
