"""CloudEvents in Kafka's two modes: `structured` returns an event of either as structured JSON.

Structured mode has the whole event in the value.  Binary mode has the attributes in headers
`ce_…` and the data in the value (CloudEvents 1.0, Kafka protocol binding, 3.2 and 3.3).
"""

from collections.abc import Sequence

import msgspec

from contract.errors import Reason, Rejected
from contract.wire import MAX_EVENT_BYTES, rejection_of

Headers = Sequence[tuple[str, bytes | None]]
"""The headers of a record, in order; a name may occur twice."""

CONTENT_TYPE = "content-type"
STRUCTURED = "application/cloudevents+json"
PREFIX = "ce_"
ATTEMPT = "quaymark-attempt"
SENT_AGAIN = "quaymark-sent-again"
"""When an event was sent again, in milliseconds since 1970: its timestamp stays that of before."""

_encoder = msgspec.json.Encoder()
_one_value = msgspec.json.Decoder(msgspec.Raw)


def structured(value: bytes | None, headers: Headers) -> bytes | None:
    """Return the event of a record as structured JSON, whichever mode the record is in.

    Raises:
        Rejected: the record is in neither mode, or its contents are not UTF-8 or not JSON.
    """
    if not headers or value is None or len(value) > MAX_EVENT_BYTES:
        return value
    given = {name: content for name, content in headers if content is not None}
    content_type = _text(CONTENT_TYPE, given.get(CONTENT_TYPE, b""))
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("application/cloudevents"):
        if media_type != STRUCTURED:
            raise Rejected(
                Reason.UNDECODABLE, f"{content_type}, expected {STRUCTURED}", where=CONTENT_TYPE
            )
        return value
    attributes = {
        name.removeprefix(PREFIX): _text(name, content)
        for name, content in given.items()
        if name.startswith(PREFIX)
    }
    if not attributes:
        return value  # it has other headers only, such as those of a trace
    if media_type:
        attributes["datacontenttype"] = media_type
    try:
        data = _one_value.decode(value)  # alone: pasted into JSON, `1,"id":"x"` would add a field
        return _encoder.encode({**attributes, "data": data})
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise rejection_of(value, error) from None


def attempt(headers: Headers) -> int:
    """Return how often this event has been tried; `rejected retry` counts it in a header."""
    return _number(headers, ATTEMPT, 9, 1)


def sent_again_at(headers: Headers) -> int:
    """Return when an event was sent again, in milliseconds since 1970; 0 if it was not."""
    return _number(headers, SENT_AGAIN, 14, 0)


def _number(headers: Headers, wanted: str, most_digits: int, default: int) -> int:
    texts = (content or b"" for name, content in headers if name == wanted)
    numbers = (int(text) for text in texts if text.isdigit() and len(text) <= most_digits)
    return max(numbers, default=default)


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Rejected(Reason.UNDECODABLE, f"{content!r} is not UTF-8", where=name) from None
