"""The habits of senders that an import shows: they decide about the fields of a profile."""

from collections import Counter

from msgspec import Struct, field

from producers.importing.report_index import SenderReports
from producers.reading.outcome import MoveReference

NO_FUNCTION = "none"


class SenderHabits(Struct):
    """What the EDIFACT reports of one partner show.

    Attributes:
        reports: number of moves reported, corrected or cancelled.
        functions: message function (UN/EDIFACT 1225) -> number of moves; "none" if none is given.
        documents: `numbers` can name a document, `words` (a constant text, zeros, the container's
            number) can't, `none` is no number at all; each is a number of moves.
        documents_repeated: number of document numbers that stand for several lifts.
        moves_told_twice: number of moves that more than one message reports.
        same_minute: number of containers under two ids in one minute at one terminal.
    """

    reports: int = 0
    functions: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    documents_repeated: int = 0
    moves_told_twice: int = 0
    same_minute: int = 0

    def note(self, reference: MoveReference) -> None:
        """Count one report."""
        self.reports += 1
        self.functions[reference.function or NO_FUNCTION] += 1
        kind = "numbers" if reference.named else "words" if reference.document else "none"
        self.documents[kind] += 1

    def complete(self, found: SenderReports) -> None:
        """Take in what only all reports together show."""
        self.documents_repeated = found.documents_repeated
        self.moves_told_twice = found.moves_told_twice
        self.same_minute = found.same_minute

    def advice(self) -> list[str]:
        """Return what these habits mean, and the fields of the profile that fit them."""
        lines = []
        if self.documents_repeated:
            lines.append(
                f"{self.documents_repeated:,} document numbers stand for several lifts: set "
                "document_numbers_repeat = true, so that no correction is matched by number"
            )
        elif self.documents["numbers"] == self.reports and not self.moves_told_twice:
            lines.append(
                'each document number stands for one report: identity = "document" is possible, '
                "and needed only if corrections change ship, voyage or the time at the gate"
            )
        if self.moves_told_twice:
            lines.append(
                f"{self.moves_told_twice:,} moves are reported by more than one message: they "
                'count once with identity = "move" or "time"'
            )
        if self.same_minute:
            lines.append(
                f"{self.same_minute:,} containers are reported under two ships or voyages in one "
                "minute at one terminal, and count twice: if each is one lift, set "
                'identity = "time"'
            )
        return lines
