"""What a port's own files show of its senders, from which `quaymark init` proposes its settings.

`python -m producers evidence` prints a FileEvidence as JSON, and the stack reads it.
"""

from msgspec import Struct, field


class Sighting(Struct):
    """How many records show something, and the first of them."""

    records: int = 0
    file: str = ""
    at: str = ""

    def note(self, file: str, at: str) -> None:
        """Count one record."""
        if not self.records:
            self.file, self.at = file, at
        self.records += 1

    def __str__(self) -> str:
        """Return the sighting in words, such as `12 records, first in day.edi, line 3`."""
        plural = "" if self.records == 1 else "s"
        place = ", ".join(filter(None, (self.file, self.at)))
        return f"{self.records:,} record{plural}, first in {place}"


class SenderEvidence(Struct):
    """What the records of one sender show.

    Attributes:
        form: the form of its files: `edifact`, `dcsa`, `moves` or `events`.
        sender: its name in the files; "" in CSV, which names none.
        records: all of its records that report a move.
        terminals: field that may name the terminal -> code -> its records; the field "" is what is
            read without `terminal_from`.
        ports: UN/LOCODE of the port in which it moved containers -> records.
        unknown_sizes: word that is no known size -> records.
        documents: message type -> document code -> records.
        unknown_documents: message type -> document code that no move has -> 8249 -> records.
        times: `none`, `Z` or an offset such as +08:00 -> records whose time has it.
        ahead: records that report a move before it happened.
    """

    form: str
    sender: str
    records: Sighting = field(default_factory=Sighting)
    terminals: dict[str, dict[str, Sighting]] = {}
    ports: dict[str, Sighting] = {}
    unknown_sizes: dict[str, Sighting] = {}
    documents: dict[str, dict[str, Sighting]] = {}
    unknown_documents: dict[str, dict[str, dict[str, Sighting]]] = {}
    times: dict[str, Sighting] = {}
    ahead: Sighting = field(default_factory=Sighting)


class FileEvidence(Struct):
    """What all files show.

    Attributes:
        files: number of files read.
        senders: the senders, in the order in which they were met.
        unread: file -> why nothing in it is a record.
    """

    files: int = 0
    senders: list[SenderEvidence] = []
    unread: dict[str, str] = {}
