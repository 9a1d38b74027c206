"""Segments of an EDIFACT file: the tag and the bytes of each; elements are cut on demand."""

from collections.abc import Iterator

from msgspec import Struct

from producers.edifact.delimiters import Splitter


class Segment(Struct, gc=False, eq=False):
    """A segment: its bytes, its number in the file and its tag; its elements are cut on demand."""

    raw: bytes
    number: int
    splitter: Splitter
    tag: str
    unended: bool = False
    """Whether its terminator is missing; only a trailer is read without one."""

    held: list[str | list[str]] | None = None
    """Its tag and its elements, once one was asked for; an element is cut when a component is."""

    @property
    def elements(self) -> list[list[str]]:
        """Lists of components; index 0 is the first element after the tag."""
        component = self.splitter.component
        return [
            part.split(component) if isinstance(part, str) else part
            for part in self.splitter.cut(self.raw)[1:]
        ]

    def get(self, element: int, component: int = 0) -> str:
        """Return a component by its indices from 0, or "" if there is none."""
        held = self.held
        if held is None:
            cutter = self.splitter
            held = cutter.place(self.raw) if self.tag == "LOC" else cutter.cut(self.raw)
            self.held = held
        try:
            part = held[element + 1]
            if isinstance(part, str):
                mark = self.splitter.component
                if not component:
                    return part.partition(mark)[0].strip()
                part = held[element + 1] = part.split(mark)
            return part[component].strip()
        except IndexError:
            return ""

    @property
    def una(self) -> bytes:
        """The UNA that names the delimiters of this segment."""
        return self.splitter.una()

    @property
    def terminator(self) -> bytes:
        """The byte that ends this segment."""
        return self.splitter.delimiters.terminator

    def written(self, *elements: str) -> bytes:
        """Return a segment of these elements with the delimiters of this one."""
        return self.splitter.written(elements)

    @property
    def at(self) -> str:
        """The place of this segment in its file, for messages."""
        return f"segment {self.number} ({self.tag})"


def alone(segment: Segment) -> "SegmentRun":
    """Return a run of one segment."""
    return SegmentRun([segment.raw], [segment.tag], segment.number, segment.splitter)


class SegmentRun(Struct, gc=False, eq=False):
    """Segments that follow each other in a file: bytes and tags, from which each can be made.

    Most segments of a file say nothing that counts, so they are never made.
    """

    raws: list[bytes]
    tags: list[str]
    number: int
    """The number of the first one in the file."""
    splitter: Splitter

    def __iter__(self) -> Iterator[Segment]:
        return map(self.segment, range(len(self.raws)))

    def segment(self, at: int) -> Segment:
        """Return the segment at an index from 0."""
        return Segment(self.raws[at], self.number + at, self.splitter, self.tags[at])

    def first(self, tag: str, qualifier: str) -> Segment | None:
        """Return the first segment with this tag and this qualifier."""
        at = -1
        while tag in self.tags[at + 1 :]:
            at = self.tags.index(tag, at + 1)
            segment = self.segment(at)
            if segment.get(0) == qualifier:
                return segment
        return None

    @property
    def size(self) -> int:
        """The number of bytes, without terminators."""
        return sum(map(len, self.raws))

    def extend(self, more: "SegmentRun") -> None:
        """Add the segments that follow these in the file."""
        self.raws += more.raws
        self.tags += more.tags

    def part(self, start: int, end: int) -> "SegmentRun":
        """Return the segments from one index to another."""
        return SegmentRun(
            self.raws[start:end], self.tags[start:end], self.number + start, self.splitter
        )
