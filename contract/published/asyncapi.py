"""The AsyncAPI 3.0 document of the topics and their messages, rendered from topics and types."""

from typing import Any

import msgspec

from contract.binary_mode import PREFIX, STRUCTURED
from contract.events import RawEvent
from contract.published.examples import EXAMPLES, READING
from contract.published.schema import EVENTS, Schema, data_type_of, schemas, type_of
from contract.reporting.issued_report import IssuedReport, ReportNote
from contract.snapshots import DeadLetter, PastReading
from contract.topics import NOTES, RAW, READINGS, REJECTED, REPORTS, WRITTEN_ONLY, Cleanup, Topic
from contract.wire import MAX_EVENT_BYTES, encode

Document = dict[str, Any]
"""A part of the document, as JSON's own types."""

VERSION = "1.1.0"  # of the contract; removing a field or a type makes it 2.0.0
BINARY = "InBinaryMode"
JSON = "application/json"
SCHEMAS = "#/components/schemas/{name}"
BINDING = "0.5.0"  # of AsyncAPI's Kafka bindings
SENT_ONLY: dict[str, type[DeadLetter | PastReading | IssuedReport | ReportNote]] = {
    READINGS.name: PastReading,
    REJECTED.name: DeadLetter,
    REPORTS.name: IssuedReport,
    NOTES.name: ReportNote,
}
"""Topic that other systems only read -> type of its messages."""
KEY: Document = {"kafka": {"key": {"type": "string"}, "bindingVersion": BINDING}}


def asyncapi(kafka: str) -> Document:
    """Return the document; `kafka` is the host and port of the broker that it names."""
    topics = (*RAW, *WRITTEN_ONLY)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "quaymark",
            "version": VERSION,
            "description": "Container moves, projects, published figures and targets as "
            "CloudEvents 1.0 in Kafka; the events that were rejected, and each KPI at the end of "
            "each day. `source` and `id` identify an event for ever; its record with the newest "
            "`recordedtime` counts.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": STRUCTURED,
        "servers": {"local": {"host": kafka, "protocol": "kafka"}},
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {_operation_name(topic): _operation(topic) for topic in topics},
        "components": {"messages": _messages(), "schemas": schemas(SCHEMAS, *SENT_ONLY.values())},
    }


def events_on(topic: Topic) -> list[type[RawEvent]]:
    """Return the types of the events that belong on a topic."""
    return [event for event in EVENTS if topic.name == event.TOPIC]


def headers_of(event: Document) -> dict[str, str]:
    """Return the headers of an event in binary mode, from the event in structured mode."""
    attributes = {name: text for name, text in event.items() if name != "data"}
    return {"content-type": JSON} | {PREFIX + name: text for name, text in attributes.items()}


def _channel(topic: Topic) -> Document:
    if kind := SENT_ONLY.get(topic.name):
        names = [kind.__name__]
        description = f"{_summary(kind)} Key: {topic.key}."
    else:
        names = [event.__name__ + mode for event in events_on(topic) for mode in ("", BINARY)]
        description = (
            f"Key: {topic.key}. Partition: murmur2 of the key up to its first `|`, if it has one. "
            f"At most {MAX_EVENT_BYTES:,} bytes a value."
        )
    return {
        "address": topic.name,
        "description": description,
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
    return f"{_action(topic)}{words}"


def _operation(topic: Topic) -> Document:
    """Return what quaymark does with a topic: it receives what others send."""
    return {"action": _action(topic), "channel": {"$ref": f"#/channels/{topic.name}"}}


def _action(topic: Topic) -> str:
    return "send" if topic.name in SENT_ONLY else "receive"


def _summary(kind: type[Any]) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


def _messages() -> Document:
    messages: Document = {}
    for example in EXAMPLES:
        event = type(example)
        name, whole = event.__name__, _decoded(example)
        summary = _summary(event)
        messages[name] = {
            "name": type_of(event),
            "summary": summary,
            "contentType": STRUCTURED,
            "payload": _reference(name),
            "bindings": KEY,
            "examples": [{"payload": whole}],
        }
        messages[name + BINARY] = {
            "name": type_of(event),
            "summary": f"{summary} Attributes in headers, data in the value.",
            "contentType": JSON,
            "headers": _headers(event),
            "payload": _reference(data_type_of(event)),
            "bindings": KEY,
            "examples": [{"headers": headers_of(whole), "payload": whole["data"]}],
        }
    for kind in SENT_ONLY.values():
        messages[kind.__name__] = {
            "name": type_of(kind),
            "summary": _summary(kind),
            "contentType": JSON,
            "payload": _reference(kind.__name__),
            "bindings": KEY,
        }
    messages[PastReading.__name__]["examples"] = [{"payload": _decoded(READING)}]
    return messages


def _headers(event: type[RawEvent]) -> Schema:
    """Return the schema of the headers: each attribute of the envelope as `ce_…`."""
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


def _decoded(value: RawEvent | PastReading) -> Document:
    """Return a value as its JSON reads."""
    whole: Document = msgspec.json.decode(encode(value))
    return whole


def _reference(name: str) -> Schema:
    return {"$ref": SCHEMAS.format(name=name)}
