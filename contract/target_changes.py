"""The targets that stand by their records, what differs from those wanted, and how it is told."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import msgspec
from msgspec import Struct

from contract.errors import Reason, Rejected
from contract.events import Target, TargetSet
from contract.future import refuse_future
from contract.wire import decode, received_at


class TargetChange(Struct, frozen=True):
    """A target that the file has otherwise than the topic; `wanted` is None where it has none."""

    key: str
    stands: TargetSet | None
    wanted: Target | None

    @property
    def word(self) -> str:
        """New, changed or withdrawn."""
        if self.wanted is None:
            return "withdrawn"
        return "changed" if _standing(self.stands) else "new"

    @property
    def fields(self) -> Iterator[tuple[str, object, object]]:
        """Field, what stands, what is wanted: of a changed target, what differs."""
        was = _standing(self.stands)
        if was is not None and self.wanted is not None:
            for name in Target.__struct_fields__:
                before, now = getattr(was, name), getattr(self.wanted, name)
                if before != now:
                    yield name, before, now


def target_set(value: bytes | None, timestamp_ms: int) -> TargetSet:
    """The target of a record that Kafka got then, as all read it who judge by targets.

    Raises:
        Rejected: it is none, or is dated ahead: no later change could ever take its place.
    """
    event = decode(value)
    if not isinstance(event, TargetSet):
        raise Rejected(
            Reason.UNKNOWN_EVENT_TYPE,
            f"{type(event).__name__} belongs on {event.TOPIC}, not on {TargetSet.TOPIC}",
            where="$.type",
        )
    refuse_future(event, received_at(timestamp_ms))
    return event


def newest(events: Iterable[TargetSet]) -> dict[str, TargetSet]:
    """Key -> the record that stands, withdrawn ones included, whatever the order."""
    stands: dict[str, TargetSet] = {}
    for event in events:
        if event.supersedes(stands.get(event.data.key)):
            stands[event.data.key] = event
    return stands


def changes(wanted: Iterable[Target], stands: Mapping[str, TargetSet]) -> tuple[TargetChange, ...]:
    """What has to be said so that what is wanted stands, in the order of the file."""
    by_key = {target.key: target for target in wanted}
    found = [
        TargetChange(key, stands.get(key), target)
        for key, target in by_key.items()
        if target != _standing(stands.get(key))
    ]
    gone = [
        TargetChange(key, event, None)
        for key, event in sorted(stands.items())
        if key not in by_key and not event.data.withdrawn
    ]
    return (*found, *gone)


def in_words(found: Iterable[TargetChange]) -> Iterator[str]:
    """A line a change, and one for each field that a changed target has otherwise."""
    for change in found:
        target = change.wanted
        goal = f": {_shown(target.value)} of {target.measures}" if target else ""
        yield f"{change.word:9}  {change.key}{goal if change.word == 'new' else ''}"
        for name, before, now in change.fields:
            yield f"{'':11}{name}: {_shown(before)} -> {_shown(now)}"


def _standing(event: TargetSet | None) -> Target | None:
    return None if event is None or event.data.withdrawn else event.data


def _shown(value: object) -> str:
    """A field's value in a line for people."""
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return str(msgspec.to_builtins(value)) if value or value == 0 else "none"
