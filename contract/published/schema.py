"""The events as JSON Schema (draft 2020-12), rendered from the types that decode them.

A schema asks for at least what the decoder does, and for more in one thing: a number is a number,
though the decoder also takes it as text.  What only code can say (twelve shares that sum to 1, a
period that exists) stands in the descriptions.
"""

from inspect import cleandoc
from typing import Any, get_args

import msgspec

from contract.events import RawEvent

Schema = dict[str, Any]
"""A JSON Schema, as JSON's own types."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EVENTS: tuple[type[RawEvent], ...] = get_args(RawEvent)
"""The types of the union, in its order."""


def type_of(kind: type[msgspec.Struct]) -> str:
    """The CloudEvents `type` of an event; the `type` of what else is sent as JSON."""
    return str(kind.__struct_config__.tag)


def data_type_of(event: type[RawEvent]) -> str:
    """The name of the type of an event's data."""
    return str(event.__annotations__["data"].__name__)


def schemas(reference: str, *more: type[msgspec.Struct]) -> dict[str, Schema]:
    """Name of a type -> its schema: events, their data, all that these hold, and `more`.

    `reference` says how one refers to another, with `{name}` for its name.
    """
    _, components = msgspec.json.schema_components([*EVENTS, *more], ref_template=reference)
    return {name: _published(schema) for name, schema in sorted(components.items())}


def schema_of(kind: type[msgspec.Struct]) -> Schema:
    """The schema of an event, or of what else is sent as JSON, whole in itself."""
    components = schemas("#/$defs/{name}", kind)
    wanted = [kind.__name__]
    for name in wanted:  # grows while it is walked
        wanted += [used for used in _references(components[name]) if used not in wanted]
    return {
        "$schema": DIALECT,
        "$id": f"urn:quaymark:{type_of(kind)}",
        **components[kind.__name__],
        "$defs": {name: components[name] for name in sorted(wanted[1:])},
    }


def _published(schema: Any) -> Any:
    """A schema of msgspec's as others should read it."""
    if isinstance(schema, list):
        return [_published(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _published(part) for name, part in schema.items()}
    if plain.get("format") == "decimal":
        plain = {"type": "number"} | {
            name: part for name, part in plain.items() if name not in ("type", "format")
        }
    if pair := plain.pop("prefixItems", None):  # AsyncAPI's dialect lacks the word
        plain["items"] = {"anyOf": pair}
    if isinstance(text := plain.get("description"), str):
        plain["description"] = cleandoc(text)
    return plain


def _references(schema: Any) -> list[str]:
    """The names of the types that a schema refers to, each once."""
    if isinstance(schema, dict):
        found = [name for part in schema.values() for name in _references(part)]
        if isinstance(target := schema.get("$ref"), str):
            found.append(target.rpartition("/")[2])
    else:
        parts = schema if isinstance(schema, list) else []
        found = [name for part in parts for name in _references(part)]
    return list(dict.fromkeys(found))
