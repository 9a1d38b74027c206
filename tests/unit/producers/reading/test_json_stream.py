"""Elements of JSON files, whole and broken; what must come out is read off the text by hand."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import Reason
from producers.reading.json_stream import Element, Found, elements
from producers.reading.outcome import Refused, Warned

A, B, C = (b'{"id": "%s", "x": {"y": [1, 2]}}' % name for name in (b"a", b"b", b"c"))


def read(raw: bytes) -> list[Found]:
    return list(elements(io.BytesIO(raw)))


def raws(found: list[Found]) -> list[bytes]:
    return [one.raw for one in found if isinstance(one, Element)]


def refused(found: list[Found]) -> list[Refused]:
    return [one for one in found if isinstance(one, Refused)]


@pytest.mark.parametrize(
    ("raw", "places"),
    [
        (b"[%s, %s]" % (A, B), ["$[0]", "$[1]"]),
        (b'{"n": [1], "events": [%s,%s], "m": {}}' % (A, B), ["$.events[0]", "$.events[1]"]),
        (b"%s\n%s\n" % (A, B), ["$", "line 2 $"]),
        (b"%s%s" % (A, B), ["$", "line 1 $"]),
        (b"[%s]\n[%s]" % (A, B), ["$[0]", "line 2 $[0]"]),
    ],
)
def test_a_list_an_object_and_lines_give_their_elements(raw: bytes, places: list[str]) -> None:
    found = read(raw)

    assert raws(found) == [A, B]
    assert [one.at for one in found] == places


@pytest.mark.parametrize(
    "junk", [b"null", b"true", b"17", b'"text"', b"x", b"}", b"NaN", b'"a, b"']
)
def test_what_is_no_object_in_a_list_costs_itself_alone(junk: bytes) -> None:
    found = read(b"[%s, %s, %s]" % (A, junk, B))

    assert raws(found) == [A, B]
    (one,) = refused(found)
    assert (one.at, one.reason, one.original) == ("$[1]", Reason.UNDECODABLE, junk)
    assert found[2].at == "$[2]"


def test_a_missing_comma_costs_nothing_and_is_named() -> None:
    found = read(b"[%s %s, %s]" % (A, B, C))

    assert raws(found) == [A, B, C]
    assert [one for one in found if isinstance(one, Warned)] == [
        Warned("$[1]", "the comma before this is missing")
    ]


def test_a_comma_too_many_is_named() -> None:
    found = read(b"[%s,, %s]" % (A, B))

    assert raws(found) == [A, B]
    assert [type(one) for one in found] == [Element, Warned, Element]


@pytest.mark.parametrize(
    "broken",
    [
        b'{"id": "b, "x": 1}',  # a quote that is not closed
        b'{"id: "b", "x": 1}',
        b'{"id": "b", "x": {"y": 1}',  # a bracket that is not closed
        b'{"id": "b", "x": [1, 2',
        b'{"id": "b\\", "x": 1}',  # a quote that an escape takes away
    ],
)
@pytest.mark.parametrize(("before", "after"), [(b"[", b"]"), (b'{"events": [', b"]}")])
@pytest.mark.parametrize("separator", [b", ", b",\n  "])
def test_a_broken_element_costs_itself_alone(
    broken: bytes, before: bytes, after: bytes, separator: bytes
) -> None:
    found = read(before + separator.join((A, broken, B, C)) + after)

    assert raws(found) == [A, B, C]
    (one,) = refused(found)
    assert one.original == broken
    assert one.at.endswith("[1]")
    assert "reading goes on behind them" in one.message


def test_the_first_element_may_be_the_broken_one() -> None:
    found = read(b'[{"id": "b, "x": 1}, %s, %s]' % (A, B))

    assert raws(found) == [A, B]
    assert [one.at for one in refused(found)] == ["$[0]"]


def test_two_open_quotes_cost_two_elements_and_none_between() -> None:
    broken = b'{"id": "b, "x": 1}'

    found = read(b"[%s]" % b", ".join((A, broken, B, C, broken, A)))

    assert raws(found) == [A, B, C, A]
    assert [one.original for one in refused(found)] == [broken, broken]


def test_a_broken_line_of_an_archive_costs_itself_alone() -> None:
    found = read(b'%s\n{"id": "b", "x": {"y": 1\n%s\n{"id": "c, "x": 1}\n%s\n' % (A, B, C))

    assert raws(found) == [A, B, C]
    assert [one.at for one in refused(found)] == ["line 2 $", "line 4 $"]


@pytest.mark.parametrize("end", [b"", b", ", b', {"id": "b", "x'])
def test_a_file_that_is_cut_is_refused_once_with_what_is_left(end: bytes) -> None:
    found = read(b"[%s, %s%s" % (A, B, end))

    assert raws(found) == [A, B]
    (one,) = refused(found)
    assert "it was cut" in one.message
    assert one.original == end.strip(b", ")


def test_an_element_above_the_limit_costs_itself_alone() -> None:
    large = b'{"id": "%s"}' % (b"x" * (5 << 20))

    found = read(b"[%s, %s, %s]" % (A, large, B))

    assert raws(found) == [A, B]
    (one,) = refused(found)
    assert one.reason is Reason.TOO_LARGE
    assert f"; {len(large) + 2} bytes are left out, and reading goes on" in one.message


OBJECTS = st.lists(
    st.fixed_dictionaries(
        {"id": st.text(max_size=3), "x": st.lists(st.dictionaries(st.text(max_size=2), st.none()))}
    ),
    max_size=6,
)


@given(OBJECTS, st.sampled_from(["list", "lines"]), st.data())
def test_every_byte_of_a_damaged_file_is_in_an_element_or_in_a_refusal(
    objects: list[object], shape: str, data: st.DataObject
) -> None:
    text = (
        json.dumps(objects, ensure_ascii=False)
        if shape == "list"
        else "\n".join(json.dumps(one) for one in objects)
    )
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(0, 3))):
        if raw:
            at = data.draw(st.integers(0, len(raw) - 1))
            raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))

    found = read(bytes(raw))

    kept = b"".join(
        one.raw if isinstance(one, Element) else one.original
        for one in found
        if not isinstance(one, Warned)
    )
    separators = b" \t\r\n,[]"
    assert kept.translate(None, separators) == bytes(raw).translate(None, separators)
