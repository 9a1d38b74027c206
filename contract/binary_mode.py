"""CloudEvents' two ways through Kafka: structured as it is, binary made structured.

Structured mode has the whole event in the value, binary mode its attributes in headers `ce_…` and
its data in the value (CloudEvents 1.0, Kafka protocol binding, 3.2 and 3.3).
"""

from collections.abc import Sequence

import msgspec

from contract.errors import Reason, Rejected
from contract.wire import MAX_EVENT_BYTES, why

Headers = Sequence[tuple[str, bytes | None]]
"""A record's headers, in order; a name may come twice."""

CONTENT_TYPE = "content-type"
STRUCTURED = "application/cloudevents+json"
PREFIX = "ce_"
ATTEMPT = "quaymark-attempt"

_encoder = msgspec.json.Encoder()
_one_value = msgspec.json.Decoder(msgspec.Raw)


def structured(value: bytes | None, headers: Headers) -> bytes | None:
    """The event of a record in structured JSON, whichever of the two ways it came.

    Raises:
        Rejected: it came in neither, or what it holds is not UTF-8 or not JSON.
    """
    if not headers or value is None or len(value) > MAX_EVENT_BYTES:
        return value
    said = {name: content for name, content in headers if content is not None}
    content_type = _text(CONTENT_TYPE, said.get(CONTENT_TYPE, b""))
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("application/cloudevents"):
        if media_type != STRUCTURED:
            raise Rejected(
                Reason.UNDECODABLE, f"{content_type}, expected {STRUCTURED}", where=CONTENT_TYPE
            )
        return value
    attributes = {
        name.removeprefix(PREFIX): _text(name, content)
        for name, content in said.items()
        if name.startswith(PREFIX)
    }
    if not attributes:
        return value  # headers of others, such as a trace's
    if media_type:
        attributes["datacontenttype"] = media_type
    try:
        data = _one_value.decode(value)  # by itself: pasted in, `1,"id":"x"` would be more
        return _encoder.encode({**attributes, "data": data})
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise why(value, error) from None


def attempt(headers: Headers) -> int:
    """Which attempt at an event a record is: the first, or as `rejected retry` has counted."""
    said = (content or b"" for name, content in headers if name == ATTEMPT)
    return max((int(text) for text in said if text.isdigit() and len(text) < 10), default=1)


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Rejected(Reason.UNDECODABLE, f"{content!r} is not UTF-8", where=name) from None
