"""A message that is being read: its header so far, its open equipment group, what is left over."""

from producers.edifact.message_parts import EquipmentGroup, MessageHead
from producers.edifact.segment import Segment

MAX_SEGMENTS = 1_000  # in one header or one equipment group; SMDG's largest group has 60
MAX_GROUP_BYTES = 256 << 10  # so that a group and its header fit one dead letter


class OpenMessage:
    """The message that is being read."""

    def __init__(self, opening: Segment, missing: str) -> None:
        self.missing = missing
        self.kind = "" if missing == "UNH" else opening.get(1).upper()
        self.reference = "?" if missing == "UNH" else opening.get(0)
        self.opening = opening
        self.header: list[Segment] = []
        self.head: MessageHead | None = None
        self.group: list[Segment] = []
        self.group_bytes = 0
        self.fault = ""
        self.groups = 0
        self.length = 0
        self.announced: Segment | None = None
        self.rest: list[Segment] = []
        """Segments that belong to no group: behind CNT, or more than a group may hold."""
        self.rest_bytes = 0

    def begin_group(self, segment: Segment, fault: str) -> None:
        """Begin an equipment group with its EQD."""
        self.group, self.fault, self.group_bytes = [segment], fault, len(segment.raw)

    def joins_group(self, segment: Segment) -> bool:
        """Add a segment to the open group; return False if the group is full."""
        size = self.group_bytes + len(segment.raw)
        if size > MAX_GROUP_BYTES or len(self.group) >= MAX_SEGMENTS:
            return False
        self.group.append(segment)
        self.group_bytes = size
        return True

    def ended_group(self, head: MessageHead) -> EquipmentGroup:
        """Return the open group, which is whole."""
        self.groups += 1
        return EquipmentGroup(head, self.groups, tuple(self.group), self.fault)
