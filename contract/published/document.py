"""The published contract, rendered: JSON Schemas, the AsyncAPI document and docs/events.md."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from contract.published.asyncapi import SENT_ONLY, asyncapi, events_on, headers_of
from contract.published.examples import EXAMPLES, READING
from contract.published.schema import EVENTS, schema_of, type_of
from contract.topics import RAW, TOPICS
from contract.wire import MAX_EVENT_BYTES, encode, reading_key

HEAD = f"""\
# Events

Rendered from the types in `contract/` by `quaymark render`; change them there.  Each event has a
JSON Schema (draft 2020-12) in [schema/](schema); topics and messages are in
[asyncapi.json](asyncapi.json) (AsyncAPI 3.0).

An event is a CloudEvent 1.0 of at most {MAX_EVENT_BYTES:,} bytes, in either of Kafka's modes:

- **structured**: the value is the whole event as JSON, with the header
  `content-type: application/cloudevents+json` or without one;
- **binary**: the value is `data` as JSON, `content-type` (if any) is `application/json`, and each
  attribute is a header `ce_…` in UTF-8.

| attribute | what |
|---|---|
| `source` + `id` | identify the event for ever: the same pair is the same event, counted once |
| `type` | one of those below |
| `time` | when it happened, in RFC 3339 with its offset; an event without one is rejected |
| `recordedtime` | when this record of it was made (an extension); the newest record counts |
| `partitionkey` | the Kafka key of a move, instead of its `source` |

The events of one `source` and `id` are of one container: a record that names another is rejected.
Fields that no type names are ignored.  An event whose `time` or `recordedtime` is more than an
hour ahead of the moment at which Kafka got the record is rejected.  Rejected events go to the
topic `port.rejected` with the reason ([runbook](runbook.md)).

"""

BINARY = """\

## Binary mode

The first example again, as the headers and the value of a record:

"""

FOR_READERS = """
## Topics for other systems to read

"""


def published(kafka: str) -> Mapping[str, str]:
    """Return path below docs/ -> text."""
    kinds = (*EVENTS, *SENT_ONLY.values())
    files = {f"schema/{type_of(kind)}.json": _json(schema_of(kind)) for kind in kinds}
    return files | {"asyncapi.json": _json(asyncapi(kafka)), "events.md": _page()}


def _page() -> str:
    sent = HEAD + "\n".join(_topics()) + "\n" + "".join(_events()) + BINARY + _in_binary_mode()
    return sent + FOR_READERS + "\n".join(_for_readers())


def _topics() -> Iterator[str]:
    yield "| topic | key | partitions | events |"
    yield "|---|---|---|---|"
    for topic in RAW:
        links = ", ".join(
            f"[{event.__name__}](#{event.__name__.lower()})" for event in events_on(topic)
        )
        yield f"| `{topic.name}` | {_in_cell(topic.key)} | {topic.partitions} | {links} |"
    yield (
        "\nThe partition is the one that Kafka chooses by default (murmur2), computed from the "
        "part of the key before its first `|`."
    )


def _events() -> Iterator[str]:
    for example in EXAMPLES:
        event = type(example)
        name = type_of(event)
        yield f"\n## {event.__name__}\n\n{event.__doc__}\n\n`{name}` on `{event.TOPIC}`, "
        yield f"[schema](schema/{name}.json)\n\n```json\n{_json(_decoded(example))}```\n"


def _for_readers() -> Iterator[str]:
    yield "| topic | key | what |"
    yield "|---|---|---|"
    for topic in TOPICS:
        if kind := SENT_ONLY.get(topic.name):
            summary = (kind.__doc__ or "").partition("\n")[0]
            schema = f"[schema](schema/{type_of(kind)}.json)"
            yield f"| `{topic.name}` | {_in_cell(topic.key)} | {summary} {schema} |"
    yield f"\nA reading, whose key is `{reading_key(READING).decode()}`:\n"
    yield f"```\n{_json(_decoded(READING))}```\n"


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")


def _in_binary_mode() -> str:
    event = _decoded(EXAMPLES[0])
    headers = "".join(f"{name}: {text}\n" for name, text in headers_of(event).items())
    return f"```\n{headers}\n{_json(event['data'])}```\n"


def _decoded(example: Any) -> Any:
    return msgspec.json.decode(encode(example))


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"
