"""Projects from CSV and OC4IDS; expected values by hand."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.book import Rates
from contract.errors import Misconfigured, Reason
from contract.events import (
    AmountChanged,
    MilestoneMet,
    MilestonePlanned,
    ProjectRegistered,
    RawEvent,
    Stage,
    StageReached,
)
from producers.reading.outcome import Accepted, Form, Outcome, ReadingTerms, Refused, Skip, Skipped
from tests.unit.producers.imported import BOOK, FIXTURES, WRITTEN_AT, imported, outcomes, terms

HEADER = "项目名称,投资额(亿元),签约日期,产业集群,功能区"
ROW = "豪华邮轮,200,2019/6/1,海工装备,滨江"


def taken(found: list[Outcome]) -> list[RawEvent]:
    events = []
    for outcome in found:
        assert isinstance(outcome, Accepted), outcome
        events.append(outcome.event)
    return events


def rows(more_header: str = "", more: str = "", said: ReadingTerms | None = None) -> list[Outcome]:
    return outcomes(Form.PROJECTS, f"{HEADER}{more_header}\n{ROW}{more}\n", said)[1:]


def refused(found: list[Outcome]) -> Refused:
    (outcome,) = [o for o in found if isinstance(o, Refused)]
    return outcome


def test_a_row_is_a_project_in_yuan() -> None:
    (event,) = taken(rows())

    assert isinstance(event, ProjectRegistered)
    assert event.id == "豪华邮轮|signed"
    assert event.time == datetime(2019, 5, 31, 16, tzinfo=UTC)  # midnight in Shanghai
    assert event.recordedtime == WRITTEN_AT
    project = event.data
    assert (project.zone, project.project) == ("haimen", "豪华邮轮")
    assert project.value.amount == Decimal(20_000_000_000)
    assert project.value.currency == "CNY"
    assert (project.cluster, project.functional_area) == ("offshore", "riverside")
    assert project.signed == date(2019, 6, 1)


def test_english_headers_and_names_are_read_too() -> None:
    (event,) = taken(
        outcomes(
            Form.PROJECTS,
            "project id,name,investment (million USD),signing date,cluster,functional area,"
            "country,rate\n"
            "p1,Cosmetics,150,2019-05-01,Biomedicine,central,Japan,6.9\n",
        )[1:]
    )

    assert isinstance(event, ProjectRegistered)
    assert event.data.project == "p1"
    assert (event.data.value.amount, event.data.value.currency) == (Decimal(150_000_000), "USD")
    assert event.data.value.rate == Decimal("6.9")
    assert (event.data.cluster, event.data.country) == ("biomedicine", "JP")


def test_a_row_may_say_when_it_was_recorded() -> None:
    (event,) = taken(rows(",记录日期", ",2020-06-30"))

    assert event.recordedtime == datetime(2020, 6, 29, 16, tzinfo=UTC)  # midnight in Shanghai


def test_stages_plans_and_increases_are_columns_of_days() -> None:
    found = taken(
        rows(
            ",开工日期,计划开工日期,计划投产日期,增资额(万美元),增资日期",
            ",2020-03-01,2020-01-01,2022-12-31,500,2021-02-03",
        )
    )

    assert [e.data.stage for e in found if isinstance(e, StageReached)] == [
        Stage.CONSTRUCTION_START
    ]
    assert {
        (e.data.milestone, e.data.dueDate) for e in found if isinstance(e, MilestonePlanned)
    } == {
        ("construction_start", date(2020, 1, 1)),
        ("in_production", date(2022, 12, 31)),
    }
    (met,) = [e for e in found if isinstance(e, MilestoneMet)]
    assert (met.data.milestone, met.data.dateMet) == ("construction_start", date(2020, 3, 1))
    (grown,) = [e for e in found if isinstance(e, AmountChanged)]
    assert grown.data.increment.amount == Decimal(5_000_000)
    assert grown.data.increment.currency == "USD"


def test_a_project_that_is_not_signed_is_skipped() -> None:
    found = outcomes(Form.PROJECTS, f"{HEADER}\n豪华邮轮,200,,海工装备,滨江\n")

    assert found[1:] == [Skipped("line 2", Skip.NOT_SIGNED)]


@pytest.mark.parametrize(
    ("row", "reason", "says"),
    [
        ("x,200,01/02/2019,海工装备,滨江", Reason.BAD_VALUE, "may be 2019-01-02 or 2019-02-01"),
        ("x,-1,2019/6/1,海工装备,滨江", Reason.BAD_VALUE, "expected a number >= 0"),
        ("x,NaN,2019/6/1,海工装备,滨江", Reason.BAD_VALUE, "is no number"),
        ("x,,2019/6/1,海工装备,滨江", Reason.MISSING_FIELD, "the amount is missing"),
        (",1,2019/6/1,海工装备,滨江", Reason.MISSING_FIELD, "the name is missing"),
        (
            "x,1,2019/6/1,农业,滨江",
            Reason.UNKNOWN_CODE,
            "offshore (海工装备 / Offshore equipment)",
        ),
        ("x,1,2019/6/1,,滨江", Reason.MISSING_FIELD, "the value is missing; known: offshore"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(row: str, reason: Reason, says: str) -> None:
    outcome = refused(outcomes(Form.PROJECTS, f"{HEADER}\n{row}\n"))

    assert outcome.reason is reason
    assert says in outcome.message
    assert outcome.at.startswith("line 2, ")


def test_an_amount_without_a_unit_is_refused_unless_the_caller_says_it() -> None:
    text = f"{HEADER.replace('(亿元)', '')}\n{ROW}\n"

    asked = refused(outcomes(Form.PROJECTS, text))
    (event,) = taken(outcomes(Form.PROJECTS, text, terms(unit="亿元"))[1:])

    assert "the unit is missing" in asked.message
    assert isinstance(event, ProjectRegistered)
    assert event.data.value.amount == Decimal(20_000_000_000)


def test_a_currency_without_a_rate_is_foretold_as_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"{HEADER.replace('亿元', '万欧元')}\n{ROW}\n")

    done = imported([path])

    assert done.summary["rejected"] == {"unknown_currency": 1, "total": 1}
    assert len(done.events) == 1


def test_a_missing_column_is_asked_for_by_name() -> None:
    with pytest.raises(Misconfigured, match="no column for amount, signed"):
        outcomes(Form.PROJECTS, "项目名称,x\n1,2\n")


def test_the_oc4ids_sample_gives_a_project_and_two_milestones_that_were_met() -> None:
    book = msgspec.structs.replace(BOOK, rate=(Rates("GBP", "2015-01-01", 9.7),))
    said = ReadingTerms(book=book, cluster="biomedicine", functional_area="中心商务")

    done = imported([FIXTURES / "oc4ids-project.json"], said, book=book)

    project, *milestones = done.events
    assert isinstance(project, ProjectRegistered)
    assert project.data.project == "oc4ids-bu3kcz-m75-junctions-4-to-5-smart-motorway"
    assert project.data.signed == date(2015, 12, 16)  # the release tagged contract
    assert (project.data.value.amount, project.data.value.currency) == (Decimal(40_000_000), "GBP")
    assert project.recordedtime == datetime(2018, 12, 10, 15, 53, tzinfo=UTC)
    assert [
        (e.data.milestone, e.data.dueDate) for e in milestones if isinstance(e, MilestonePlanned)
    ] == [
        ("1", date(2016, 1, 1)),
        ("ocds-a1b1c1-c9b14c18-adc8-11e6-9901-0019b9f3037b/1", date(2017, 8, 7)),
    ]
    assert [e.data.dateMet for e in milestones if isinstance(e, MilestoneMet)] == [
        date(2016, 1, 1),
        date(2017, 8, 7),
    ]
    assert done.exit_code == 0


PROJECT: dict[str, Any] = {
    "id": "p1",
    "title": "Plant",
    "updated": "2021-01-01T00:00:00Z",
    "budget": {"amount": {"amount": 100000000, "currency": "CNY"}},
    "additionalClassifications": [
        {"scheme": "cluster", "id": "offshore"},
        {"scheme": "functional_area", "id": "riverside"},
        {"scheme": "park", "id": "cruise"},
    ],
    "milestones": [
        {"id": 1, "code": "contractClose", "dateMet": "2019-02-03T00:00:00Z"},
        {"id": 2, "code": "commencement", "dueDate": "2019-06-01", "dateMet": "2019-07-01"},
        {"id": 3, "title": "Opening", "dueDate": "2022-01-01", "status": "scheduled"},
    ],
}


def projects(*found: dict[str, Any]) -> list[Outcome]:
    return outcomes(Form.OC4IDS, json.dumps({"projects": found}))[1:]


def test_milestone_codes_say_signing_and_stages() -> None:
    events = taken(projects(PROJECT))

    (signed,) = [e for e in events if isinstance(e, ProjectRegistered)]
    assert signed.data.signed == date(2019, 2, 3)
    assert signed.data.park == "cruise"
    assert [(e.data.stage, e.data.on) for e in events if isinstance(e, StageReached)] == [
        (Stage.CONSTRUCTION_START, date(2019, 7, 1))
    ]
    assert len([e for e in events if isinstance(e, MilestonePlanned)]) == 2


def test_a_cancelled_project_is_terminated_and_an_unsigned_one_is_skipped() -> None:
    cancelled = taken(projects(PROJECT | {"status": "cancelled"}))
    unsigned = projects(PROJECT | {"milestones": []})

    assert isinstance(cancelled[-1], StageReached)
    assert cancelled[-1].data.stage is Stage.TERMINATED
    assert unsigned == [Skipped("$.projects[0]", Skip.NOT_SIGNED)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"additionalClassifications": []}, Reason.MISSING_FIELD),
        ({"budget": {}}, Reason.MISSING_FIELD),
        ({"budget": {"amount": {"amount": -1, "currency": "CNY"}}}, Reason.BAD_VALUE),
        ({"budget": {"amount": {"amount": 1}}}, Reason.MISSING_FIELD),
        ({"id": None}, Reason.MISSING_FIELD),
        ({"id": 1}, Reason.WRONG_TYPE),
        (
            {"milestones": [{"id": "1", "code": "contractClose", "dateMet": "soon"}]},
            Reason.BAD_VALUE,
        ),
        ({"updated": "2021-01-01T00:00:00"}, Reason.NAIVE_TIME),
    ],
)
def test_a_broken_project_is_refused(change: dict[str, Any], reason: Reason) -> None:
    assert refused(projects(PROJECT | change)).reason is reason
