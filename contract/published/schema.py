"""The events as JSON Schema (draft 2020-12), rendered from the types that decode them.

A schema and the decoder accept the same events, with two differences.  The decoder also accepts a
number as text.  Rules that only code can check (twelve shares that sum to 1, a period that exists)
are in the descriptions.
"""

from collections.abc import Mapping
from functools import cache
from inspect import cleandoc
from typing import Any, get_args

import msgspec

from contract.events import RawEvent

Schema = dict[str, Any]
"""A JSON Schema, as JSON's own types."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EVENTS: tuple[type[RawEvent], ...] = get_args(RawEvent)
"""The types of events, in the order of the union."""


def type_of(kind: type[msgspec.Struct]) -> str:
    """Return the CloudEvents `type` of an event, or the `type` of another message."""
    return str(kind.__struct_config__.tag)


def data_type_of(event: type[RawEvent]) -> str:
    """Return the name of the type of an event's data."""
    return str(event.__annotations__["data"].__name__)


@cache
def schemas(reference: str, *more: type[msgspec.Struct]) -> Mapping[str, Schema]:
    """Return name of a type -> schema, for events, all types that they contain, and `more`.

    `reference` is the form of a reference to another schema, with `{name}` for its name.  Callers
    share what is returned, so they only read it.
    """
    _, components = msgspec.json.schema_components([*EVENTS, *more], ref_template=reference)
    return {name: _published(schema) for name, schema in sorted(components.items())}


def schema_of(kind: type[msgspec.Struct]) -> Schema:
    """Return the self-contained schema of an event or of another message."""
    beyond = () if kind in EVENTS else (kind,)
    components = schemas("#/$defs/{name}", *beyond)
    wanted = [kind.__name__]
    for name in wanted:  # the list grows during the loop
        wanted += [used for used in _references(components[name]) if used not in wanted]
    return {
        "$schema": DIALECT,
        "$id": f"urn:quaymark:{type_of(kind)}",
        **components[kind.__name__],
        "$defs": {name: components[name] for name in sorted(wanted[1:])},
    }


def _published(schema: Any) -> Any:
    """Return a schema of msgspec in the form that is published."""
    if isinstance(schema, list):
        return [_published(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _published(part) for name, part in schema.items()}
    if plain.get("format") == "decimal":
        plain = {"type": "number"} | {
            name: part for name, part in plain.items() if name not in ("type", "format")
        }
    if pair := plain.pop("prefixItems", None):  # AsyncAPI's dialect does not know it
        plain["items"] = {"anyOf": pair}
    if isinstance(text := plain.get("description"), str):
        plain["description"] = cleandoc(text)
    return plain


def _references(schema: Any) -> list[str]:
    """Return the names of the types that a schema refers to, each once."""
    if isinstance(schema, dict):
        found = [name for part in schema.values() for name in _references(part)]
        if isinstance(target := schema.get("$ref"), str):
            found.append(target.rpartition("/")[2])
    else:
        parts = schema if isinstance(schema, list) else []
        found = [name for part in parts for name in _references(part)]
    return list(dict.fromkeys(found))
