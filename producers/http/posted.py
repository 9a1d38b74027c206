"""What a request posts: its form by its media type, and its body as the importer reads it."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from contract.binary_mode import CONTENT_TYPE, PREFIX, STRUCTURED, structured
from contract.errors import Reason, Rejected
from producers.importing.detect import HEAD_BYTES, form_of
from producers.reading.outcome import Form

BATCH = "application/cloudevents-batch+json"
JSON = "application/json"
BINARY_HEADER = "ce-"
TAKEN = (STRUCTURED, BATCH, JSON)
"""The media types that are taken."""
UTF_8 = ("", "utf-8", "utf8", "us-ascii")


class UnsupportedMediaType(Exception):
    """The media type of a request is none of those that are taken."""


class Posted(Struct, frozen=True):
    """The body of a request, its form, and how many elements it has at most."""

    form: Form
    body: bytes
    is_empty: bool = False
    """It is a list without an element, which is nothing to import and no fault."""


def posted(headers: Iterable[tuple[str, str]], body: bytes) -> Posted:
    """Return what a request posts.

    Raises:
        UnsupportedMediaType: its media type is not taken.
        Rejected: its body is not the JSON that its media type says.
    """
    given = {name.lower(): value for name, value in headers}
    media_type, _, parameters = given.get(CONTENT_TYPE, "").partition(";")
    media_type = media_type.strip().lower()
    charset = parameters.lower().partition("charset=")[2].strip(' "')
    if media_type not in TAKEN or charset not in UTF_8:
        raise UnsupportedMediaType(
            f"{given.get(CONTENT_TYPE, 'no content type')!r}, expected {', '.join(TAKEN)} in UTF-8"
        )
    if media_type == JSON and any(name.startswith(BINARY_HEADER) for name in given):
        return Posted(Form.EVENTS, _from_binary(given, body))
    value = _decoded(body)
    if media_type == STRUCTURED:
        _refuse_unless(isinstance(value, dict), f"{STRUCTURED} is one event, expected an object")
        return Posted(Form.EVENTS, body)
    if media_type == BATCH:
        _refuse_unless(isinstance(value, list), f"{BATCH} is a list of events, expected a list")
        return Posted(Form.EVENTS, body, not value)
    return _plain(value, body)


def _plain(value: Any, body: bytes) -> Posted:
    """Return JSON without a CloudEvents type: DCSA's events, or ours."""
    _refuse_unless(isinstance(value, dict | list), "expected an object or a list of events")
    within = value.get("events") if isinstance(value, dict) else value
    if within == []:
        return Posted(Form.DCSA, body, is_empty=True)
    form = form_of(body[:HEAD_BYTES])
    if form not in (Form.DCSA, Form.EVENTS):
        raise Rejected(
            Reason.BAD_SYNTAX,
            f"this is {form}; only events of DCSA and CloudEvents are posted, so import it as a "
            "file",
        )
    return Posted(form, body)


def _from_binary(given: dict[str, str], body: bytes) -> bytes:
    """Return an event in CloudEvents' binary mode as structured JSON (HTTP binding, 3.1)."""
    headers = [
        (PREFIX + name.removeprefix(BINARY_HEADER), unquote(value).encode())
        for name, value in given.items()
        if name.startswith(BINARY_HEADER)
    ]
    return structured(body, [*headers, (CONTENT_TYPE, JSON.encode())]) or b""


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(Reason.BAD_SYNTAX, f"not JSON: {error}") from None


def _refuse_unless(is_so: bool, message: str) -> None:
    if not is_so:
        raise Rejected(Reason.BAD_SYNTAX, message)
