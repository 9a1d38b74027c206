"""The differences between the targets wanted and the records in Kafka, and how they are shown."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import msgspec
from msgspec import Struct

from contract.errors import Reason, Rejected
from contract.events import Target, TargetSet
from contract.future import refuse_future
from contract.wire import decode, received_at


class TargetChange(Struct, frozen=True):
    """A target that differs between file and topic; `wanted` is None if the file lacks it."""

    key: str
    current: TargetSet | None
    wanted: Target | None

    @property
    def kind(self) -> str:
        """The kind of change: new, changed or withdrawn."""
        if self.wanted is None:
            return "withdrawn"
        return "changed" if _in_force(self.current) else "new"

    @property
    def fields(self) -> Iterator[tuple[str, object, object]]:
        """(field, current value, wanted value) for each field of a changed target that differs."""
        was = _in_force(self.current)
        if was is not None and self.wanted is not None:
            for name in Target.__struct_fields__:
                before, now = getattr(was, name), getattr(self.wanted, name)
                if before != now:
                    yield name, before, now


def target_set(value: bytes | None, timestamp_ms: int) -> TargetSet:
    """Return the target in a record; `timestamp_ms` is when Kafka got it.

    Every process that uses targets reads them by this function.

    Raises:
        Rejected: the record is no target, or its recordedtime is too far ahead, in which case no
            later change could ever replace it.
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
    """Return key -> newest record, withdrawals included; the order of `events` has no effect."""
    found: dict[str, TargetSet] = {}
    for event in events:
        if event.supersedes(found.get(event.data.key)):
            found[event.data.key] = event
    return found


def changes(
    wanted: Iterable[Target], current: Mapping[str, TargetSet]
) -> tuple[TargetChange, ...]:
    """Return the changes that turn the current targets into those wanted, in the file's order."""
    by_key = {target.key: target for target in wanted}
    found = [
        TargetChange(key, current.get(key), target)
        for key, target in by_key.items()
        if target != _in_force(current.get(key))
    ]
    gone = [
        TargetChange(key, event, None)
        for key, event in sorted(current.items())
        if key not in by_key and not event.data.withdrawn
    ]
    return (*found, *gone)


def change_lines(found: Iterable[TargetChange]) -> Iterator[str]:
    """Return a line for each change, and one for each field of a changed target that differs."""
    for change in found:
        target = change.wanted
        goal = f": {_shown(target.value)} of {target.measures}" if target else ""
        yield f"{change.kind:9}  {change.key}{goal if change.kind == 'new' else ''}"
        for name, before, now in change.fields:
            yield f"{'':11}{name}: {_shown(before)} -> {_shown(now)}"


def _in_force(event: TargetSet | None) -> Target | None:
    return None if event is None or event.data.withdrawn else event.data


def _shown(value: object) -> str:
    """Return the value of a field as people read it."""
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return str(msgspec.to_builtins(value)) if value or value == 0 else "none"
