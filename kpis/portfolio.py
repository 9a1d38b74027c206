"""A development zone's projects as stage 2 keeps them: the newest card of each."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from contract.book import Book
from contract.events import Stage
from contract.snapshots import MilestoneCard, ProjectCard
from kpis.calendar import day_of

STAGES = tuple(stage for stage in Stage if stage is not Stage.TERMINATED)
"""The stages in order, without the one that ends a project from any of them."""


class Portfolio:
    """The cards of one zone; order and repetition of what is posted change nothing.

    What is dated after the moment of measuring has not happened yet: a project signed tomorrow is
    in the cards, and in no figure.
    """

    def __init__(self, book: Book, zone: str) -> None:
        self.zone = zone
        self.tz: ZoneInfo = book.tz
        self.clusters = tuple(book.zone.clusters)
        self.functional_areas = tuple(book.zone.functional_areas)
        self.parks = tuple(book.zone.parks)
        self._cards: dict[str, ProjectCard] = {}

    def post(self, card: ProjectCard) -> bool:
        """Take a snapshot; False if it changes nothing."""
        held = self._cards.get(card.project)
        if held is not None and held.offset >= card.offset:
            return False
        self._cards[card.project] = card
        return True

    def signed(self, at: datetime) -> Iterator[ProjectCard]:
        """Every project that has been signed, terminated ones included."""
        today = day_of(at, self.tz)
        for card in self._cards.values():
            if card.signed is not None and card.signed <= today:
                yield card

    def standing(self, at: datetime) -> Iterator[ProjectCard]:
        """Every signed project that has not been terminated."""
        today = day_of(at, self.tz)
        return (card for card in self.signed(at) if not is_terminated(card, today))

    def milestones(self, at: datetime) -> Iterator[tuple[ProjectCard, MilestoneCard, date]]:
        """Every milestone of a standing project that has a due date, with both."""
        for card in self.standing(at):
            for milestone in card.milestones:
                if milestone.due is not None:
                    yield card, milestone, milestone.due


def furthest(card: ProjectCard, today: date) -> Stage:
    """The furthest stage that a signed project has reached; a regress does not take it back."""
    reached = [step.stage for step in card.stages if step.stage in STAGES and step.on <= today]
    return max(reached, key=STAGES.index, default=Stage.SIGNED)


def is_terminated(card: ProjectCard, today: date) -> bool:
    """Has the project been ended?"""
    return any(step.stage is Stage.TERMINATED and step.on <= today for step in card.stages)
