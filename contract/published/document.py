"""What is published of the contract, rendered: schemas, the AsyncAPI document, docs/events.md."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from contract.published.asyncapi import TOLD, asyncapi, events_on, headers_of
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
| `source` + `id` | name the event for ever: the same pair is the same event, counted once |
| `type` | one of those below |
| `time` | when it happened, RFC 3339 with its offset; without one it is refused |
| `recordedtime` | when this record of it was made (an extension); the newest record stands |
| `partitionkey` | the Kafka key of a move, if `source` is not to be it |

Fields that no type names are ignored.  A `time` or `recordedtime` more than an hour ahead of the
moment at which Kafka got the record is refused.  What can't be counted goes to
`port.rejected` with the reason ([runbook](runbook.md)).

"""

BINARY = """\

## Binary mode

The first example again, as headers and value:

"""

TO_READ = """
## For others to read

"""


def published(kafka: str) -> Mapping[str, str]:
    """Path below docs/ -> text."""
    kinds = (*EVENTS, *TOLD.values())
    files = {f"schema/{type_of(kind)}.json": _json(schema_of(kind)) for kind in kinds}
    return files | {"asyncapi.json": _json(asyncapi(kafka)), "events.md": _page()}


def _page() -> str:
    sent = HEAD + "\n".join(_topics()) + "\n" + "".join(_events()) + BINARY + _in_binary_mode()
    return sent + TO_READ + "\n".join(_to_read())


def _topics() -> Iterator[str]:
    yield "| topic | key | partitions | events |"
    yield "|---|---|---|---|"
    for topic in RAW:
        links = ", ".join(
            f"[{event.__name__}](#{event.__name__.lower()})" for event in events_on(topic)
        )
        yield f"| `{topic.name}` | {_in_cell(topic.key)} | {topic.partitions} | {links} |"
    yield (
        "\nThe partition is Kafka's own (murmur2 of the key), but only what stands before the "
        "first `|` of a key counts."
    )


def _events() -> Iterator[str]:
    for example in EXAMPLES:
        event = type(example)
        name = type_of(event)
        yield f"\n## {event.__name__}\n\n{event.__doc__}\n\n`{name}` on `{event.TOPIC}`, "
        yield f"[schema](schema/{name}.json)\n\n```json\n{_json(_decoded(example))}```\n"


def _to_read() -> Iterator[str]:
    yield "| topic | key | what |"
    yield "|---|---|---|"
    for topic in TOPICS:
        if kind := TOLD.get(topic.name):
            said = (kind.__doc__ or "").partition("\n")[0]
            schema = f"[schema](schema/{type_of(kind)}.json)"
            yield f"| `{topic.name}` | {_in_cell(topic.key)} | {said} {schema} |"
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
