"""The projects of a development zone in stage 2: the newest card of each."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from contract.book import Book
from contract.events import Stage
from contract.snapshots import MilestoneCard, ProjectCard, keep_newest
from kpis.model.calendar import day_of

STAGES = tuple(stage for stage in Stage if stage is not Stage.TERMINATED)
"""The stages in order, without TERMINATED, which can follow any of them."""


TIERS = {
    "100M": 100_000_000,
    "500M": 500_000_000,
    "1bn": 1_000_000_000,
    "2bn": 2_000_000_000,
    "5bn": 5_000_000_000,
    "10bn": 10_000_000_000,
}
"""Tier -> yuan from which a project is in it; each tier contains the next."""


class SignedProject(Struct, frozen=True, gc=False):
    """A signed project, the day of its signing, and its furthest stage or TERMINATED."""

    card: ProjectCard
    on: date
    stage: Stage


class DueMilestone(Struct, frozen=True, gc=False):
    """A milestone of a live project: its present due date, its first one, and when it was met."""

    project: str
    milestone: str
    on: date
    first: date
    met: date | None

    def is_late(self, today: date) -> bool:
        """Has its due date passed without it?"""
        return self.met is None and self.on < today


class PortfolioState(Struct, frozen=True):
    """The state of a zone's projects on one day, without anything that is dated later."""

    today: date
    signed: tuple[SignedProject, ...]
    """Every project that has been signed, terminated ones included."""
    live: tuple[ProjectCard, ...]
    """Every signed project that has not been terminated."""
    due: tuple[DueMilestone, ...]


class Portfolio:
    """The cards of one zone; the order and repetition of snapshots have no effect."""

    def __init__(self, book: Book, zone: str) -> None:
        self.zone = zone
        self.tz: ZoneInfo = book.tz
        described = book.zone  # None if it was taken out of the book after its cards came
        self.clusters = tuple(described.clusters if described else ())
        self.functional_areas = tuple(described.functional_areas if described else ())
        self.parks = tuple(described.parks if described else ())
        self._cards: dict[str, ProjectCard] = {}
        self._state: PortfolioState | None = None

    def post(self, card: ProjectCard) -> bool:
        """Post a snapshot; return False if it changes nothing."""
        is_newer = keep_newest(self._cards, card.project, card)
        if is_newer:
            self._state = None
        return is_newer

    @property
    def cards(self) -> Collection[ProjectCard]:
        """Every card, those of orphans included."""
        return self._cards.values()

    def state(self, at: datetime) -> PortfolioState:
        """Return the state on the day of an instant, computed once for each day and change."""
        today = day_of(at, self.tz)
        if self._state is None or self._state.today != today:
            self._state = _state_on(self._cards.values(), today)
        return self._state


def furthest(card: ProjectCard, today: date) -> Stage:
    """Return the furthest stage that a signed project has reached, or TERMINATED.

    A regress does not lower it.
    """
    reached = {step.stage for step in card.stages if step.on <= today}
    if Stage.TERMINATED in reached:
        return Stage.TERMINATED
    return next((stage for stage in reversed(STAGES) if stage in reached), Stage.SIGNED)


def _state_on(cards: Iterable[ProjectCard], today: date) -> PortfolioState:
    signed = tuple(
        SignedProject(card, card.signed, furthest(card, today))
        for card in cards
        if card.signed is not None and card.signed <= today
    )
    live = tuple(one.card for one in signed if one.stage is not Stage.TERMINATED)
    due = tuple(
        DueMilestone(
            card.project, line.milestone, line.due, line.first_due or line.due, _past(line, today)
        )
        for card in live
        for line in card.milestones
        if line.due is not None
    )
    return PortfolioState(today, signed, live, due)


def _past(line: MilestoneCard, today: date) -> date | None:
    """Return the day on which a milestone was met; None if that day is still to come."""
    return line.met if line.met is not None and line.met <= today else None
