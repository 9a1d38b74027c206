"""The card of a project, from its events in any order: it is counted once, at its first signing.

The newest record of each source and id is kept (of equals the one with the lower offset).  The
card is computed from these records in the order of recordedtime (of equals, of source and id).  So
order of arrival and repetition have no effect.

- *Signed* is the earliest signing; a second signing is no second project.
- *Yuan* is the amount of that first signing, as its newest record gives it, plus all increments.
  A later registration re-attributes the project, but its amount is neither added nor does it
  replace the first one: more capital arrives as an increment.
- *Title, cluster, area, park and country* are those of the registration recorded last.  Another
  title may mean a new owner, or another project under an id in use.  The books cannot tell which,
  and rejecting it would let the order of arrival decide.  So it is kept, and shown.
- *Stages* are all kept, by day, so that a regress shows.  Signing is the first of them.
- The due date of a milestone is the one planned last, its first due date the one planned first.
  An amended plan (same id) replaces a plan, a new plan (new id) adds one.
"""

from collections.abc import Collection
from datetime import date
from operator import attrgetter

import msgspec
from msgspec import Struct

from contract.book import Book
from contract.errors import Reason, Rejected
from contract.events import (
    AmountChanged,
    MilestoneMet,
    MilestonePlanned,
    Project,
    ProjectEvent,
    ProjectRegistered,
    Stage,
    StageReached,
)
from contract.snapshots import MilestoneCard, ProjectCard, StageSince
from contract.wire import epoch_ms
from ledger.money import yuan_of
from ledger.stored_form import read_stored


class _Entry(Struct, frozen=True, array_like=True, tag=True, kw_only=True):
    recorded: int
    offset: int

    @property
    def rank(self) -> tuple[int, int]:
        """The sort key of records of one id; the greatest is kept."""
        return self.recorded, -self.offset


_ORDER = _Entry.__struct_fields__


class _Registered(_Entry, frozen=True, tag="r"):
    signed: date
    yuan: int
    title: str
    title_zh: str
    cluster: str
    functional_area: str
    park: str
    country: str


class _Grown(_Entry, frozen=True, tag="g"):
    yuan: int


class _Reached(_Entry, frozen=True, tag="s"):
    stage: Stage
    on: date


class _Planned(_Entry, frozen=True, tag="p"):
    milestone: str
    title: str
    due: date


class _Met(_Entry, frozen=True, tag="m"):
    milestone: str
    on: date


Entry = _Registered | _Grown | _Reached | _Planned | _Met


class ProjectBooks(Struct):
    """The records of one project as source NUL id -> entry, and the last offset folded in."""

    zone: str
    project: str
    offset: int = -1
    entries: dict[str, Entry] = {}


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ProjectBooks).decode


def post_project(
    state: bytes | None, event: ProjectEvent, book: Book, partition: int, offset: int
) -> tuple[bytes, ProjectCard]:
    """Return the books of a project with an event posted to them, and its card.

    Raises:
        Rejected: quaymark.toml does not know a code or a currency, or the event is a conflict.
    """
    _refuse_unknown_codes(event, book)
    books = ProjectBooks(event.data.zone, event.data.project)
    if state:
        books = read_stored(_decode, state, "project")
    key = f"{event.source}\0{event.id}"
    new, held = _entry(event, book, offset), books.entries.get(key)
    if held is None or new.rank > held.rank:
        books.entries[key] = new
    elif new.recorded == held.recorded and not _alike(new, held):
        raise Rejected(
            Reason.CONFLICT,
            f"the same source and id is booked as {_entry_text(held)}; came as "
            f"{_entry_text(new)}; an amendment needs a newer recordedtime, "
            "another event another id",
            where="$.id",
        )
    books.offset = max(books.offset, offset)
    return _encode(books), card_of(books, partition)


def card_of(books: ProjectBooks, partition: int) -> ProjectCard:
    """Return the card of a project; without a registration it has no `signed`."""
    # of one recordedtime by source and id: by offset the order of arrival would decide
    named = sorted(books.entries.items(), key=lambda pair: (pair[1].recorded, pair[0]))
    entries = [entry for _, entry in named]
    registered = [entry for entry in entries if isinstance(entry, _Registered)]
    grown = sum(entry.yuan for entry in entries if isinstance(entry, _Grown))
    card = ProjectCard(
        books.zone,
        books.project,
        partition,
        books.offset,
        stages=_stages(entries),
        milestones=_milestones(entries),
        yuan=grown,
    )
    if not registered:
        return card
    first = min(registered, key=attrgetter("signed"))  # of one day, the one recorded first
    last = registered[-1]
    return msgspec.structs.replace(
        card,
        title=last.title,
        title_zh=last.title_zh,
        signed=first.signed,
        yuan=first.yuan + grown,
        cluster=last.cluster,
        functional_area=last.functional_area,
        park=last.park,
        country=last.country,
        others=tuple(
            dict.fromkeys(one.title for one in registered if not {*_names(one)} & {*_names(last)})
        ),
    )


def reused_id(event: ProjectEvent, card: ProjectCard) -> Rejected | None:
    """Return the Rejected of a registration that gives its id another name; None for others."""
    if not isinstance(event, ProjectRegistered) or not card.others:
        return None
    return Rejected(
        Reason.REUSED_ID,
        f"project {card.project!r} is registered as {card.title!r}, and as "
        f"{', '.join(map(repr, card.others))}; it is counted once, by its first signing. "
        "Another project needs another id; the same one under a new name an amendment "
        "(same source and id, newer recordedtime)",
        where="$.data.title",
    )


def _names(entry: _Registered) -> tuple[str, ...]:
    return tuple(name for name in (entry.title, entry.title_zh) if name)


def _entry(event: ProjectEvent, book: Book, offset: int) -> Entry:
    at = {"recorded": epoch_ms(event.recordedtime), "offset": offset}
    match event:
        case ProjectRegistered(data=project):
            return _Registered(
                signed=project.signed,
                yuan=yuan_of(project.value, project.signed, book, "$.data.value"),
                title=project.title,
                title_zh=project.title_zh or "",
                cluster=project.cluster,
                functional_area=project.functional_area,
                park=project.park or "",
                country=project.country,
                **at,
            )
        case AmountChanged(data=amount):
            on = event.time.date()  # by its own offset: another may leave the calendar
            return _Grown(yuan=yuan_of(amount.increment, on, book, "$.data.increment"), **at)
        case StageReached(data=reached):
            return _Reached(stage=reached.stage, on=reached.on, **at)
        case MilestonePlanned(data=plan):
            return _Planned(milestone=plan.milestone, title=plan.title, due=plan.dueDate, **at)
        case MilestoneMet(data=met):
            return _Met(milestone=met.milestone, on=met.dateMet, **at)


def _alike(new: Entry, held: Entry) -> bool:
    return msgspec.structs.replace(new, offset=held.offset) == held


def _entry_text(entry: Entry) -> str:
    fields = msgspec.structs.asdict(entry).items()
    return ", ".join(f"{name} {value}" for name, value in fields if name not in _ORDER)


def _stages(entries: list[Entry]) -> tuple[StageSince, ...]:
    """Return every stage and its day, oldest first; those of one day in the order recorded."""
    signings = [entry.signed for entry in entries if isinstance(entry, _Registered)]
    reached = [StageSince(e.stage, e.on) for e in entries if isinstance(e, _Reached)]
    if signings and not any(since.stage is Stage.SIGNED for since in reached):
        reached.insert(0, StageSince(Stage.SIGNED, min(signings)))
    return tuple(dict.fromkeys(sorted(reached, key=attrgetter("on"))))


def _milestones(entries: list[Entry]) -> tuple[MilestoneCard, ...]:
    plans: dict[str, list[_Planned]] = {}
    met: dict[str, date] = {}
    for entry in entries:  # oldest record first
        if isinstance(entry, _Planned):
            plans.setdefault(entry.milestone, []).append(entry)
        elif isinstance(entry, _Met):
            met[entry.milestone] = entry.on
    return tuple(
        MilestoneCard(
            name,
            plan[-1].title if (plan := plans.get(name, [])) else "",
            plan[0].due if plan else None,
            plan[-1].due if plan else None,
            met.get(name),
        )
        for name in sorted({*plans, *met})
    )


def _refuse_unknown_codes(event: ProjectEvent, book: Book) -> None:
    zone, project = book.zone, event.data
    if zone is None:
        raise Rejected(
            Reason.UNKNOWN_CODE,
            f"{project.zone!r} is not the zone of quaymark.toml, which has none",
            where="$.data.zone",
        )
    _known("zone", project.zone, {zone.code})
    if isinstance(project, Project):
        _known("cluster", project.cluster, zone.clusters)
        _known("functional_area", project.functional_area, zone.functional_areas)
        if project.park is not None:
            _known("park", project.park, zone.parks)


def _known(field: str, code: str, codes: Collection[str]) -> None:
    if code not in codes:
        raise Rejected(
            Reason.UNKNOWN_CODE,
            f"{code!r} is not in quaymark.toml; known: {', '.join(sorted(codes))}",
            where=f"$.data.{field}",
        )
