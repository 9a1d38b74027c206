"""The topics and their messages as an AsyncAPI 3.0 document, rendered from topics and types."""

from typing import Any

import msgspec

from contract.binary_mode import PREFIX, STRUCTURED
from contract.events import RawEvent
from contract.examples import EXAMPLES
from contract.schema import EVENTS, Schema, data_type_of, schemas, type_of
from contract.snapshots import DeadLetter
from contract.topics import RAW, REJECTED, Cleanup, Topic
from contract.wire import MAX_EVENT_BYTES, encode

Document = dict[str, Any]
"""A part of the document, as JSON's own types."""

VERSION = "1.0.0"  # of the contract; a field or type taken away makes it 2.0.0
BINARY = "InBinaryMode"
JSON = "application/json"
SCHEMAS = "#/components/schemas/{name}"
BINDING = "0.5.0"  # of AsyncAPI's Kafka bindings


def asyncapi(kafka: str) -> Document:
    """The document; `kafka` is host and port of the broker that it names."""
    topics = (*RAW, REJECTED)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "quaymark",
            "version": VERSION,
            "description": "Container moves, projects, published figures and targets as "
            "CloudEvents 1.0 in Kafka, and what of them was set aside. `source` and `id` name an "
            "event for ever; the record with the newest `recordedtime` stands.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": STRUCTURED,
        "servers": {"local": {"host": kafka, "protocol": "kafka"}},
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {_operation_name(topic): _operation(topic) for topic in topics},
        "components": {"messages": _messages(), "schemas": schemas(SCHEMAS, DeadLetter)},
    }


def events_on(topic: Topic) -> list[type[RawEvent]]:
    """The events that belong on a topic."""
    return [event for event in EVENTS if topic.name == event.TOPIC]


def headers_of(event: Document) -> dict[str, str]:
    """The headers of an event in binary mode, from the same in structured mode."""
    attributes = {name: text for name, text in event.items() if name != "data"}
    return {"content-type": JSON} | {PREFIX + name: text for name, text in attributes.items()}


def _channel(topic: Topic) -> Document:
    if topic is REJECTED:
        names = [DeadLetter.__name__]
        said = "What could not be counted: its bytes, its place, the reason, what to do."
    else:
        names = [event.__name__ + mode for event in events_on(topic) for mode in ("", BINARY)]
        said = (
            f"Key: {topic.key}. Partition: murmur2 of the key up to its first `|`, if it has one. "
            f"At most {MAX_EVENT_BYTES:,} bytes a value."
        )
    return {
        "address": topic.name,
        "description": said,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": _binding(topic)},
    }


def _binding(topic: Topic) -> Document:
    kept: Document = {"cleanup.policy": [str(topic.cleanup)]}
    if topic.cleanup is Cleanup.DELETE:
        kept["retention.ms"] = int(topic.config["retention.ms"])
    return {
        "partitions": topic.partitions,
        "topicConfiguration": kept,
        "bindingVersion": BINDING,
    }


def _operation_name(topic: Topic) -> str:
    words = topic.name.removesuffix(".raw").replace(".", " ").title().replace(" ", "")
    return f"{'send' if topic is REJECTED else 'receive'}{words}"


def _operation(topic: Topic) -> Document:
    """What the worker does with a topic: others send what it receives."""
    return {
        "action": "send" if topic is REJECTED else "receive",
        "channel": {"$ref": f"#/channels/{topic.name}"},
    }


def _messages() -> Document:
    messages: Document = {}
    for example in EXAMPLES:
        event = type(example)
        name, whole = event.__name__, msgspec.json.decode(encode(example))
        said = (event.__doc__ or "").partition("\n")[0]
        key = {"kafka": {"key": {"type": "string"}, "bindingVersion": BINDING}}
        messages[name] = {
            "name": type_of(event),
            "summary": said,
            "contentType": STRUCTURED,
            "payload": _reference(name),
            "bindings": key,
            "examples": [{"payload": whole}],
        }
        messages[name + BINARY] = {
            "name": type_of(event),
            "summary": f"{said} Attributes in headers, data in the value.",
            "contentType": JSON,
            "headers": _headers(event),
            "payload": _reference(data_type_of(event)),
            "bindings": key,
            "examples": [{"headers": headers_of(whole), "payload": whole["data"]}],
        }
    messages[DeadLetter.__name__] = {
        "name": "dead-letter",
        "contentType": JSON,
        "payload": _reference(DeadLetter.__name__),
    }
    return messages


def _headers(event: type[RawEvent]) -> Schema:
    """The schema of the headers: the envelope's, each attribute as `ce_…`."""
    envelope = schemas(SCHEMAS)[event.__name__]
    return {
        "type": "object",
        "properties": {"content-type": {"type": "string"}}
        | {
            PREFIX + name: schema
            for name, schema in envelope["properties"].items()
            if name not in ("data", "datacontenttype")
        },
        "required": [PREFIX + name for name in envelope["required"] if name != "data"],
    }


def _reference(name: str) -> Schema:
    return {"$ref": SCHEMAS.format(name=name)}
