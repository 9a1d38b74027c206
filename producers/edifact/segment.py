"""A segment of an EDIFACT file: its tag, its bytes, and its elements, cut on demand."""

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

    held: list[str] | list[list[str]] | None = None
    """Its tag and its elements, as the splitter cuts them, once one was asked for."""

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
                part = part.split(mark)
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
