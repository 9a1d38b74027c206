"""A CloudEvent in Kafka's binary mode is the same event as in structured mode."""

import msgspec
import pytest

from contract.binary_mode import Headers, attempt, structured
from contract.errors import Reason, Rejected
from contract.wire import MAX_EVENT_BYTES, decode, encode
from tests.unit.ledger.records import moved

EVENT = msgspec.structs.replace(moved("a", number="CSQÜ"), partitionkey="ß", subject="box")
DATA = msgspec.json.encode(EVENT.data)
# by hand from the binding: each attribute a header, datacontenttype as content-type
HEADERS: Headers = (
    ("content-type", b"application/json"),
    ("ce_specversion", b"1.0"),
    ("ce_id", b"a"),
    ("ce_source", b"/tonghai/THE"),
    ("ce_type", b"port.container.moved.v1"),
    ("ce_time", b"2026-03-01T08:00:00+08:00"),
    ("ce_recordedtime", b"2026-03-01T01:00:00Z"),
    ("ce_partitionkey", "ß".encode()),
    ("ce_subject", b"box"),
    ("traceparent", b"\xff\xfe"),
)


def without(*names: str) -> Headers:
    return tuple(pair for pair in HEADERS if pair[0] not in names)


def changed(name: str, content: bytes | None) -> Headers:
    return (*without(name), (name, content))


def refused(value: bytes | None, headers: Headers) -> Rejected:
    with pytest.raises(Rejected) as caught:
        decode(structured(value, headers))
    return caught.value


def test_a_binary_record_is_the_event_that_its_headers_and_data_make() -> None:
    assert decode(structured(DATA, HEADERS)) == EVENT


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("content-type", b"application/cloudevents+json"),),
        (("content-type", b"Application/CloudEvents+JSON; charset=UTF-8"),),
        (("content-type", b"application/json"), ("traceparent", b"\xff")),
        (("ce_id", None),),
    ],
)
def test_a_structured_record_stays_as_it_is(headers: Headers) -> None:
    raw = encode(EVENT)

    assert structured(raw, headers) is raw


@pytest.mark.parametrize(
    "headers",
    [
        without("content-type"),
        changed("content-type", b"Application/JSON; charset=utf-8"),
        changed("ce_data", b"{}"),  # no attribute: data are in the value
        changed("ce_colour", b"red"),
    ],
)
def test_a_binary_record_may_vary(headers: Headers) -> None:
    assert decode(structured(DATA, headers)) == EVENT


def test_data_are_one_value_and_nothing_more() -> None:
    assert refused(b'{},"id":"b"', HEADERS).reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    ("value", "headers", "reason", "expected"),
    [
        (None, HEADERS, Reason.UNDECODABLE, "the record has no value"),
        (b"", HEADERS, Reason.UNDECODABLE, "not JSON"),
        (b"\xff", HEADERS, Reason.UNDECODABLE, "not JSON"),
        (b"[" * 100_000, HEADERS, Reason.UNDECODABLE, "nested too deeply"),
        (b"1" * (MAX_EVENT_BYTES + 1), HEADERS, Reason.TOO_LARGE, "bytes"),
        (DATA, without("ce_type"), Reason.UNKNOWN_EVENT_TYPE, "`type`"),
        (DATA, without("ce_id"), Reason.MISSING_FIELD, "`id`"),
        (DATA, changed("ce_time", b"2026-03-01T08:00:00"), Reason.NAIVE_TIME, "$.time"),
        (DATA, changed("ce_id", b"\xff"), Reason.UNDECODABLE, "ce_id: "),
        (DATA, changed("content-type", b"text/xml"), Reason.WRONG_TYPE, "$.datacontenttype"),
        (DATA, changed("content-type", b"application/cloudevents+avro"), Reason.UNDECODABLE,
         "expected application/cloudevents+json"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    value: bytes | None, headers: Headers, reason: Reason, expected: str
) -> None:
    error = refused(value, headers)

    assert error.reason is reason
    assert expected in str(error)


@pytest.mark.parametrize(
    ("text", "expected"), [(b"3", 3), (b"", 1), (None, 1), (b"-1", 1), (b"x", 1), (b"9" * 99, 1)]
)
def test_an_attempt_is_what_a_retry_wrote(text: bytes | None, expected: int) -> None:
    assert attempt([("quaymark-attempt", text), ("other", b"7")]) == expected
    assert attempt([]) == 1
