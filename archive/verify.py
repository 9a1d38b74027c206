"""Is an archive whole: every file as it was written, every offset in one of them."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from msgspec import Struct

from archive import part as parts
from archive.manifest import ArchiveManifest, Part
from contract.errors import StackError


class Gap(Struct, frozen=True):
    """A day of a topic of which something is missing or damaged, and what."""

    topic: str
    day: date
    what: str
    path: str = ""
    """The file that can't be used; none where its line is missing."""

    def __str__(self) -> str:
        return f"{self.topic}, {self.day}: {self.what}"


def gaps(manifest: ArchiveManifest, *, thoroughly: bool = False) -> Iterator[Gap]:
    """What is missing or damaged; `thoroughly` reads each row of each file, too."""
    for topic in sorted({part.topic for part in manifest.parts}):
        yield from _between(topic, manifest.of(topic))
    for part in manifest.parts:
        if (what := parts.fault(manifest.folder, part)) is None and thoroughly:
            what = _fault_inside(manifest.folder, part)
        if what is not None:
            yield Gap(part.topic, part.day, f"{part.path} {what}", part.path)


def _between(topic: str, found: Iterable[Part]) -> Iterator[Gap]:
    """Offsets that lie in no file although later ones do."""
    reached: dict[int, int] = {}
    before: date | None = None
    for part in found:
        missing = [
            f"offsets {reached[number]} to {span.first - 1} of partition {number}"
            for number, span in sorted(part.spans.items())
            if number in reached and span.first != reached[number]
        ]
        if missing:
            yield Gap(
                topic,
                part.day,
                f"between {before} and this day the manifest lacks {', '.join(missing)}",
            )
        reached |= {number: span.end for number, span in part.spans.items()}
        before = part.day


def _fault_inside(folder: Path, part: Part) -> str | None:
    counted = dict.fromkeys(part.spans, 0)
    reached = {number: span.first - 1 for number, span in part.spans.items()}
    try:
        for record in parts.read(folder, part):
            span = part.spans.get(record.partition)
            if span is None or not reached[record.partition] < record.offset < span.end:
                return f"holds offset {record.offset} of partition {record.partition} out of order"
            reached[record.partition] = record.offset
            counted[record.partition] += 1
    except StackError as error:
        return f"can't be read: {error}"
    if counted != {number: span.records for number, span in part.spans.items()}:
        return f"holds {sum(counted.values())} records, {part.records} were written"
    return None
