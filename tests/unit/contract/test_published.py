"""The published contract agrees with the decoder: schemas, AsyncAPI document, examples."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from contract.binary_mode import structured
from contract.errors import Rejected
from contract.events import ContainerMoved, RawEvent, TargetSet
from contract.published.document import published
from contract.published.examples import EXAMPLES, READING
from contract.published.schema import EVENTS, schema_of, type_of
from contract.snapshots import DeadLetter, PastReading
from contract.topics import TOPICS
from contract.wire import EVENT_TYPES, decode, encode, reading_key
from tests.unit.contract.of_types import plain, values_of

FILES = published("127.0.0.1:9092")
PAGE = FILES["events.md"]
ASYNCAPI: dict[str, Any] = json.loads(FILES["asyncapi.json"])
FIXTURES = Path("tests/fixtures")
VALIDATORS = {
    event: Draft202012Validator(schema_of(event), format_checker=FormatChecker(["date"]))
    for event in EVENTS
}
OF_READING = (
    Draft7Validator(
        {"$ref": "#/components/schemas/PastReading", "components": ASYNCAPI["components"]}
    ),
    Draft202012Validator(schema_of(PastReading)),
)
OF_DEAD_LETTER = Draft202012Validator(schema_of(DeadLetter))

each_event = pytest.mark.parametrize("event", EVENTS, ids=type_of)
any_event = st.sampled_from(EVENTS).flatmap(values_of)


def shown() -> list[dict[str, Any]]:
    """The examples of the page, in its order."""
    return [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def accepts(value: object) -> bool:
    try:
        decode(json.dumps(value).encode())
    except Rejected:
        return False
    return True


@pytest.mark.parametrize("kind", [*EVENTS, DeadLetter, PastReading], ids=type_of)
def test_each_schema_is_one_of_its_draft(kind: type[msgspec.Struct]) -> None:
    schema = json.loads(FILES[f"schema/{type_of(kind)}.json"])

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_page_shows_one_example_of_each_type_and_each_is_right() -> None:
    types = [example["type"] for example in shown()]

    assert types == [type_of(event) for event in EVENTS]
    assert sorted(types) == sorted(EVENT_TYPES)
    for example, event in zip(shown(), EXAMPLES, strict=True):
        VALIDATORS[type(event)].validate(example)
        assert decode(json.dumps(example).encode()) == event


def test_the_page_shows_the_first_example_in_binary_mode_too() -> None:
    block = PAGE.partition("## Binary mode")[2].split("```\n")[1]
    lines, _, value = block.partition("\n\n")
    pairs = [line.partition(": ") for line in lines.splitlines()]

    raw = structured(value.encode(), [(name, text.encode()) for name, _, text in pairs])

    assert decode(raw) == EXAMPLES[0]


def test_the_asyncapi_document_is_one() -> None:
    metaschema = json.loads((FIXTURES / "asyncapi-3.0.0.schema.json").read_text("utf-8"))

    assert list(Draft7Validator(metaschema).iter_errors(ASYNCAPI)) == []


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    found = set(re.findall(r'"\$ref": "#/([^"]+)"', FILES["asyncapi.json"]))

    assert found
    for reference in found:
        part: Any = ASYNCAPI
        for name in reference.split("/"):
            part = part[name]


def test_examples_of_the_asyncapi_document_are_as_their_schemas_say() -> None:
    messages = ASYNCAPI["components"]["messages"]
    examples = [(m, example) for m in messages.values() for example in m.get("examples", ())]

    assert len(examples) == 2 * len(EVENTS) + 1  # in both modes, and a reading
    for message, example in examples:
        for part in ("payload", "headers"):
            if part in message:
                schema = {**message[part], "components": ASYNCAPI["components"]}
                Draft202012Validator(schema).validate(example[part])


def test_a_number_is_published_as_a_number_and_a_naive_time_as_wrong() -> None:
    example = plain(EXAMPLES[-1])
    naive = example | {"time": "2026-01-04T09:00:00"}
    text = example | {"data": example["data"] | {"value": "1100000"}}
    negative = example | {"data": example["data"] | {"value": -1}}

    validator = VALIDATORS[type(EXAMPLES[-1])]

    assert validator.is_valid(example)
    assert [validator.is_valid(one) for one in (naive, text, negative)] == [False] * 3


@given(any_event)
def test_whatever_is_sent_is_as_its_schema_says(event: RawEvent) -> None:
    VALIDATORS[type(event)].validate(json.loads(encode(event)))


@st.composite
def changed(draw: st.DrawFn) -> tuple[type[RawEvent], Any]:
    """An event's type, and the event as JSON with one field gone or changed."""
    event = draw(any_event)
    whole = plain(event)
    inside = whole["data"] if draw(st.booleans()) else whole
    field = draw(st.sampled_from(sorted(inside)))
    if draw(st.booleans()):
        del inside[field]
    else:
        strange = [None, True, 7, -1, 0.5, [], {}, ["x"], {"x": 1}, "", "x" * 600]
        inside[field] = draw(st.sampled_from(strange))
    return type(event), whole


@settings(max_examples=300)
@given(changed())
def test_what_a_schema_refuses_is_refused_and_what_it_takes_is_taken(
    change: tuple[type[RawEvent], Any],
) -> None:
    event, whole = change

    if not VALIDATORS[event].is_valid(whole):
        assert not accepts(whole)
    elif event is not TargetSet:  # the decoder checks more of a target: shares, steps, paces
        assert accepts(whole)


def test_a_move_without_its_optional_fields_is_enough() -> None:
    example = plain(EXAMPLES[0])
    example["data"] = {
        name: example["data"][name]
        for name in ("eventClassifierCode", "equipmentEventTypeCode", "facilityCode")
    }

    VALIDATORS[ContainerMoved].validate(example)
    assert accepts(example)


def test_every_topic_that_others_write_or_read_is_a_channel() -> None:
    """Snapshots are between our own two stages, and may change with any release."""
    ours = {topic.name for topic in TOPICS if topic.name.endswith(".snapshot")}
    channels = ASYNCAPI["channels"]

    assert channels.keys() == {topic.name for topic in TOPICS} - ours
    for topic in TOPICS:
        if topic.name in channels:
            kept = channels[topic.name]["bindings"]["kafka"]["topicConfiguration"]
            assert kept["cleanup.policy"] == [topic.cleanup]


def test_the_page_shows_a_reading_with_its_key() -> None:
    block = PAGE.partition("## Topics for other systems to read")[2].split("```\n")[1]

    assert msgspec.json.decode(block, type=PastReading) == READING
    key = "tonghai|port_throughput_ytd_teu{port_area=tonghai,terminal=THE,year=2019}|2019-06-30"
    assert f"`{key}`" in PAGE
    assert reading_key(READING).decode() == key


@given(values_of(PastReading))
def test_any_reading_fits_its_schema(reading: PastReading) -> None:
    sent = json.loads(encode(reading))

    for validator in OF_READING:
        validator.validate(sent)
        assert not validator.is_valid(sent | {"value": "1"})
        assert not validator.is_valid({name: sent[name] for name in sent if name != "on"})


@given(values_of(DeadLetter))
def test_any_dead_letter_fits_its_schema(dead_letter: DeadLetter) -> None:
    OF_DEAD_LETTER.validate(json.loads(encode(dead_letter)))


def test_a_dead_letter_is_as_its_schema_says() -> None:
    dead_letter = DeadLetter(
        "port.moves.raw", 1, 5, "undecodable", "not JSON", b"\xff", headers=(("ce_id", None),)
    )
    schema = {"$ref": "#/components/schemas/DeadLetter", "components": ASYNCAPI["components"]}
    for validator in (Draft7Validator, Draft202012Validator):
        validator(schema).validate(json.loads(encode(dead_letter)))
