"""EDIFACT's envelope: interchanges, messages in them, and the equipment groups of a message.

Each segment is part of a message's head, of an equipment group, of an envelope (UNB, UNH, CNT,
UNT, UNZ …) or of what can't be read, which comes out with its bytes.  What trailers say (CNT, UNT,
UNZ) is often wrong: a difference is a warning, never a refusal.  A missing trailer is a refusal,
since a file may have been cut there; the groups before it count.
"""

from collections.abc import Iterator
from itertools import pairwise

from producers.edifact.codes import (
    COUNTS,
    KNOWN_SEGMENTS,
    OF_A_GROUP,
    OTHER_MESSAGES,
    names_a_container,
)
from producers.edifact.message_parts import (
    NO_INTERCHANGE,
    EnvelopeWarning,
    Interchange,
    MessageHead,
    Part,
    UnreadableBytes,
    original,
)
from producers.edifact.open_message import FULL, MAX_GROUP_BYTES, MAX_SEGMENTS, OpenMessage
from producers.edifact.segment import Segment, SegmentRun, alone
from producers.edifact.syntax import StrayBytes, StrayKind, runs
from producers.reading.outcome import Stream, excerpt

TEST_INDICATOR = 10  # the element of UNB that says so; some senders never take it out


def parts(stream: Stream) -> Iterator[Part]:
    """Yield the parts of a file in order: the head of a message, then its groups."""
    return _Envelopes().parts(runs(stream))


class _Envelopes:
    """Where in interchange, message and group the reading stands."""

    def __init__(self) -> None:
        self.interchange = NO_INTERCHANGE
        self.messages = 0
        self.message: OpenMessage | None = None
        self.cut = False
        """Whether this interchange was cut, and that was said."""

    def parts(self, found: Iterator[SegmentRun | Segment | StrayBytes]) -> Iterator[Part]:
        for one in found:
            if isinstance(one, SegmentRun):
                yield from self._run(one)
            elif isinstance(one, StrayBytes):
                yield from self._stray(one)
            else:
                yield from self._segment(one)
        yield from self._unended("the file ends", closing=True)

    def _run(self, run: SegmentRun) -> Iterator[Part]:
        """Read a run; a group behind another is taken whole, as nearly all groups are.

        A run has fewer bytes than a group may have, since it is cut from one buffer.
        """
        others = [at for at, tag in enumerate(run.tags) if tag not in OF_A_GROUP]
        end = len(run.tags)
        yield from self._members(run, 0, others[0] if others else end)
        for at, after in pairwise([*others, end]):
            message = self.message
            if (
                run.tags[at] == "EQD"
                and after - at <= MAX_SEGMENTS
                and message is not None
                and message.group is not None
                and message.head is not None
            ):
                yield message.ended_group(message.head, message.group)
                message.begin_group(run.part(at, after))
                message.length += after - at
                continue
            yield from self._segment(run.segment(at))
            yield from self._members(run, at + 1, after)

    def _members(self, run: SegmentRun, start: int, end: int) -> Iterator[Part]:
        """Read segments of a run that are members of the open group, if there is one."""
        if start == end:
            return
        message = self.message
        if message is not None and message.joins_group(run.part(start, end)):
            message.length += end - start
            return
        for at in range(start, end):
            yield from self._segment(run.segment(at))

    def _segment(self, segment: Segment) -> Iterator[Part]:
        message = self.message
        match segment.tag:
            case "UNB":
                yield from self._unended(f"{segment.at} begins", closing=True)
                self.interchange = Interchange(
                    segment.get(1), segment.get(3) + segment.get(3, 1), segment.get(4), segment
                )
                self.messages, self.cut = 0, False
                if (test := segment.get(TEST_INDICATOR)) not in ("", "0"):
                    yield EnvelopeWarning(
                        segment.at,
                        f"0035 is {excerpt(test)}: its sender calls this interchange a test; its "
                        "moves count all the same, so leave the file out if it is one",
                    )
            case "UNH":
                yield from self._unended(f"{segment.at} begins", closing=False)
                self.messages += 1
                missing = "" if self.interchange.opening else "UNB"
                self.message = OpenMessage(segment, missing)
                self.message.header.append(segment)
                self.message.length = 1
            case "UNT":
                yield from self._trailer(segment)
            case "UNZ":
                yield from self._unended(f"{segment.at} comes", closing=False)
                yield from self._closing(segment)
            case "UNG" | "UNE" if message is None:
                pass
            case _:
                if message is None:
                    message = self.message = OpenMessage(segment, "UNH")
                message.length += 1
                yield from self._inside(message, segment)

    def _inside(self, message: OpenMessage, segment: Segment) -> Iterator[Part]:
        if message.kind in OTHER_MESSAGES:
            return  # its segments mean other things, and may be any number
        if segment.tag == "EQD":
            yield from self._begin_group(message, segment, "")
        elif segment.tag == "CNT":
            yield from self._end_group(message)
            if segment.get(0) in COUNTS:
                message.announced = segment
        elif segment.tag not in KNOWN_SEGMENTS and names_a_container(segment):
            fault = f"{excerpt(segment.tag)} is no segment of this message, expected EQD"
            yield from self._begin_group(message, segment, fault)
        else:
            if segment.tag not in KNOWN_SEGMENTS and message.missing != "UNH":
                yield EnvelopeWarning(
                    segment.at, f"{excerpt(segment.tag)} is no segment of this message"
                )
            yield from self._add(message, segment)

    def _add(self, message: OpenMessage, segment: Segment) -> Iterator[Part]:
        """Add a segment to the group or the header that it belongs to."""
        if message.group is not None:
            if message.joins_group(alone(segment)):
                return
            message.fault = FULL
        elif message.head is None:
            message.header_bytes += len(segment.raw)
            full = message.header_bytes > MAX_GROUP_BYTES
            if len(message.header) < MAX_SEGMENTS and not full:
                message.header.append(segment)
                return
        message.rest.append(segment)
        message.rest_bytes += len(segment.raw)
        if len(message.rest) >= MAX_SEGMENTS or message.rest_bytes > MAX_GROUP_BYTES:
            yield from self._end_rest(message)

    def _begin_group(self, message: OpenMessage, segment: Segment, fault: str) -> Iterator[Part]:
        yield from self._end_group(message)
        yield from self._open(message)
        message.begin_group(alone(segment), fault)

    def _open(self, message: OpenMessage) -> Iterator[Part]:
        """Yield the message's head, once its header is whole."""
        if message.head is None:
            message.head = MessageHead(
                self.interchange,
                message.kind,
                message.reference,
                self.messages,
                tuple(message.header),
                f"message {message.reference}, {message.opening.at}",
                message.missing,
            )
            yield message.head

    def _end_group(self, message: OpenMessage) -> Iterator[Part]:
        if message.group is not None and message.head is not None:
            yield message.ended_group(message.head, message.group)
        message.group, message.fault = None, ""

    def _end_rest(self, message: OpenMessage) -> Iterator[Part]:
        if message.rest:
            first, number = message.rest[0], len(message.rest)
            yield UnreadableBytes(
                f"message {message.reference}, {first.at}",
                f"{number} segments belong to no EQD",
                original(self.interchange, tuple(message.rest)),
            )
        message.rest, message.rest_bytes = [], 0

    def _end_message(self, message: OpenMessage) -> Iterator[Part]:
        yield from self._open(message)
        yield from self._end_group(message)
        yield from self._end_rest(message)
        self.message = None
        if message.announced is not None:
            said = message.announced.get(0, 1)
            if not (said.isdecimal() and int(said) == message.groups):
                yield EnvelopeWarning(
                    f"message {message.reference}, {message.announced.at}",
                    f"CNT says {excerpt(said)} pieces of equipment, {message.groups} were found",
                )

    def _trailer(self, segment: Segment) -> Iterator[Part]:
        message = self.message
        if message is None:
            yield EnvelopeWarning(segment.at, "ends a message that did not begin")
            return
        if segment.unended and segment.get(1) != message.reference:
            yield from self._stray(_cut(segment))
            return
        length = message.length + 1
        yield from self._end_message(message)
        if segment.unended:
            yield EnvelopeWarning(segment.at, "has no terminator")
        if message.missing == "UNH":
            return  # its segments are refused, whatever its trailer says
        said = segment.get(0)
        if not (said.isdecimal() and int(said) == length):
            yield EnvelopeWarning(
                f"message {message.reference}, {segment.at}",
                f"UNT says {excerpt(said)} segments, {length} were found",
            )
        if segment.get(1) != message.reference:
            yield EnvelopeWarning(
                segment.at, f"ends message {excerpt(segment.get(1))}, not {message.reference}"
            )

    def _closing(self, segment: Segment) -> Iterator[Part]:
        if segment.unended and segment.get(1) != self.interchange.reference:
            yield from self._stray(_cut(segment))
            return
        if segment.unended:
            yield EnvelopeWarning(segment.at, "has no terminator")
        said = segment.get(0)
        if not (said.isdecimal() and int(said) == self.messages):
            yield EnvelopeWarning(
                segment.at, f"UNZ says {excerpt(said)} messages, {self.messages} were found"
            )
        self.interchange = NO_INTERCHANGE

    def _unended(self, why: str, *, closing: bool) -> Iterator[Part]:
        """Refuse the message, and if `closing` the interchange, that lacks its trailer here."""
        message, interchange = self.message, self.interchange
        missing = ["UNZ"] if closing and interchange.opening and not self.cut else []
        if message is not None:
            yield from self._end_message(message)
            if message.missing != "UNH":
                missing.insert(0, "UNT")
        if closing:
            self.interchange = NO_INTERCHANGE
        if not missing:
            return
        place = f"interchange {interchange.reference}"
        header: list[Segment] = []
        if message is not None and "UNT" in missing:
            place, header = f"message {message.reference}, {message.opening.at}", message.header
        yield UnreadableBytes(
            place,
            f"{why} before its {' and its '.join(missing)}: the file was cut, or they are "
            "damaged; what is whole before counts, what is missing must be sent again",
            original(interchange, tuple(header)),
        )

    def _stray(self, stray: StrayBytes) -> Iterator[Part]:
        if stray.kind is StrayKind.OUTSIDE:
            yield EnvelopeWarning("", stray.message)
            return
        if stray.kind is StrayKind.DAMAGED:
            yield UnreadableBytes("", stray.message, stray.raw, stray.reason)
            return
        message = self.message
        self.cut = True
        lost: tuple[Segment, ...] = ()
        place = f"interchange {self.interchange.reference}"
        if message is not None:
            place = f"message {message.reference}, after segment {message.opening.number}"
            lost = (*message.header, *(message.group or ()))
            message.group = None  # it may lack what was cut off, so it does not count
            yield from self._end_message(message)
        yield UnreadableBytes(
            place, stray.message, original(self.interchange, lost) + stray.raw, stray.reason
        )


def _cut(segment: Segment) -> StrayBytes:
    return StrayBytes(f"{segment.at} has no terminator", StrayKind.CUT, segment.raw)
