"""A batch: the records of one partition and fetch, which is one event to Faust."""

from typing import Any

from faust.serializers.schemas import Schema
from faust.types import Message

from streams.dead_letters import Record

__all__ = ["Batch", "BatchSchema"]


class Batch:
    """The records of one partition and fetch.

    Its offset is committed only once it is `done`.  That Faust calls its event acknowledged is not
    enough: a stream that is stopped or cancelled acknowledges the event at hand, booked or not.
    """

    __slots__ = ("_records", "done", "first")

    def __init__(self, records: list[Record]) -> None:
        self._records = records
        self.first = records[0].offset
        self.done = False

    def take(self) -> list[Record]:
        """The records, which are not kept: the batch itself is, until it is committed."""
        records, self._records = self._records, []
        return records


class BatchSchema(Schema[None, Any]):
    """Hands the batch through undecoded."""

    def loads_key(self, app: Any, message: Message, **_: Any) -> None:
        """No key: each record of the batch has its own."""

    def loads_value(self, app: Any, message: Message, **_: Any) -> Any:
        """The batch."""
        return message.value
