"""A message that is being read: its header so far, its open equipment group, what is left over."""

from producers.edifact.message_parts import EquipmentGroup, MessageHead
from producers.edifact.segment import Segment, SegmentRun

MAX_SEGMENTS = 1_000  # in one header or one equipment group; SMDG's largest group has 60
MAX_GROUP_BYTES = 256 << 10  # so that a group and its header fit one dead letter
FULL = f"more than {MAX_SEGMENTS} segments or {MAX_GROUP_BYTES} bytes in one group"
"""The fault of a group that has more than that."""


class OpenMessage:
    """The message that is being read."""

    def __init__(self, opening: Segment, missing: str) -> None:
        self.missing = missing
        self.kind = "" if missing == "UNH" else opening.get(1).upper()
        self.reference = "?" if missing == "UNH" else opening.get(0)
        self.opening = opening
        self.header: list[Segment] = []
        self.header_bytes = 0
        self.head: MessageHead | None = None
        self.group: SegmentRun | None = None
        """The open equipment group, which begins with its EQD."""
        self.fault = ""
        self.groups = 0
        self.length = 0
        self.announced: Segment | None = None
        self.rest: list[Segment] = []
        """Segments that belong to no group: behind CNT, or more than a group may hold."""
        self.rest_bytes = 0

    def begin_group(self, group: SegmentRun, fault: str = "") -> None:
        """Begin an equipment group with its EQD, and with what follows it."""
        self.group, self.fault = group, fault

    def joins_group(self, more: SegmentRun) -> bool:
        """Add segments to the open group; return False, and add none, if not all fit."""
        group = self.group
        if group is None or self.fault == FULL:
            return False
        if len(group.raws) + len(more.raws) > MAX_SEGMENTS:
            return False
        if group.size + more.size > MAX_GROUP_BYTES:
            return False
        group.extend(more)
        return True

    def ended_group(self, head: MessageHead, group: SegmentRun) -> EquipmentGroup:
        """Return the open group, which is whole."""
        self.groups += 1
        return EquipmentGroup(head, self.groups, group, group.segment(0), self.fault)
