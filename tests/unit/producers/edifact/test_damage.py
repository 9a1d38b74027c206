"""Damage of any kind to a file of any form: never a traceback, and every record is told of."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers.importing.run import READERS
from producers.reading.outcome import Form, Refused
from tests.unit.producers.dcsa.test_equipment_events import FLAT
from tests.unit.producers.edifact.test_moves import box, coarri
from tests.unit.producers.imported import BOOK, FIXTURES, imported, outcomes, terms
from tests.unit.producers.open_contracting.test_ocds import CONTRACT, IMPLEMENTATION, PLANNING

SAID = terms(
    partner=BOOK.partner[0],
    scope="s",
    unit="TEU",
    indicator="i",
    cluster="offshore",
    functional_area="riverside",
)
WHOLE = {
    Form.EDIFACT: coarri(box(), box("APZU4812090")).encode(),
    Form.DCSA: json.dumps([FLAT, FLAT | {"eventID": None}]).encode(),
    Form.EDI_JSON: (FIXTURES / "codeco-huelva-smart-data-model.json").read_bytes(),
    Form.OC4IDS: (FIXTURES / "oc4ids-project.json").read_bytes()[:3000],
    Form.OCDS: json.dumps({"releases": [PLANNING, CONTRACT, IMPLEMENTATION]}).encode(),
    Form.EVENTS: b'{"specversion":"1.0","type":"port.move.retracted.v1","id":"a","source":"s"}',
    Form.MOVES: b"move,time,terminal,container,size\n"
    b"LOAD,2026-03-01T08:00:00+08:00,THE,CSQU3054383,22G1\nDISC,2026/3/1 08:00,THC,,\n",
    Form.INDICATORS: b"period,value,unit,published\n2019-Q1,1.5,thousand TEU,2020-01-02\n",
    Form.PROJECTS: (
        "项目名称,投资额(亿元),签约日期,开工日期,计划开工日期,增资额(万美元),增资日期\n"
        "豪华邮轮,200,2019/6/1,2020-01-01,2020-02-02,5,2021-01-01\n"
    ).encode(),
}
PIECES = (
    *"'+?:\n\r\0\",;{}[]",
    "UNA",
    "UNB+",
    "UNH+",
    "EQD+CN",
    "-1",
    "NaN",
    "1e999",
    "null",
    "\\ud800",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
)
pieces = st.one_of(
    st.sampled_from([piece.encode() for piece in PIECES]), st.binary(min_size=0, max_size=3)
)
damages = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 20), pieces), max_size=4)


def test_every_form_is_here() -> None:
    assert set(WHOLE) == set(READERS)


@pytest.mark.parametrize("form", WHOLE)
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(damages)
def test_damage_is_never_a_traceback_and_all_is_told(
    tmp_path: Path, form: Form, found: list[tuple[int, int, bytes]]
) -> None:
    raw = WHOLE[form]
    for at, gone, piece in found:
        raw = raw[:at] + piece + raw[at + gone :]
    path = tmp_path / "damaged"
    path.write_bytes(raw)

    for chosen in (form, None):
        summary = imported([path], SAID, chosen).summary

        kinds = ("flagged", "uncounted", "rejected", "skipped")
        told = summary["counted"] + sum(summary[kind]["total"] for kind in kinds)
        assert told == summary["records"]
        assert told or summary["warnings"]


def test_a_carriage_return_in_a_header_is_no_csv(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a\rb,c\n1,2\n")  # found by mutation

    done = imported([path], form=Form.MOVES)

    assert done.items("rejected")[0]["reason"] == "bad_syntax"


def test_two_columns_of_one_name_are_refused_rather_than_one_of_them_dropped(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.csv"
    path.write_text("period,value,value\n2019,1,2\n")

    done = imported([path], SAID)

    assert "two columns are called 'value'" in done.items("rejected")[0]["message"]


def test_deep_nesting_is_refused_before_it_is_decoded() -> None:
    bomb = b'[{"eventType":' + b'{"a":' * 100_000 + b"}" * 100_000 + b"]"

    *_, last = outcomes(Form.DCSA, bomb)

    assert isinstance(last, Refused)
    assert "nested deeper than 64" in last.message
