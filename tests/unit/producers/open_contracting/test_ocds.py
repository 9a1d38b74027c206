"""OCDS releases and records; expected values by hand, forms after the standard's own examples."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.book import Book, Rates
from contract.errors import Reason
from contract.events import (
    MilestoneMet,
    MilestonePlanned,
    ProjectRegistered,
    RawEvent,
    Stage,
    StageReached,
)
from producers.reading.outcome import Accepted, Form, Outcome, Refused, Skip, Skipped
from tests.unit.producers.imported import BOOK, imported, outcomes, terms

SAID = terms(cluster="offshore", functional_area="riverside")
POUNDS: Book = msgspec.structs.replace(BOOK, rate=(*BOOK.rate, Rates("GBP", "2009-01-01", 10.0)))

PLANNING: dict[str, Any] = {
    "ocid": "ocds-213czf-1",
    "id": "01",
    "date": "2009-03-15T14:45:00Z",
    "tag": ["planning"],
    "planning": {
        "budget": {
            "amount": {"amount": 6_700_000.5, "currency": "GBP"},
            "project": "Cycle Scheme",
            "projectID": "SP001",
        },
        "milestones": [
            {
                "id": "1",
                "title": "Approval",
                "type": "preProcurement",
                "code": "projectApproval",
                "dueDate": "2009-03-14T17:00:00Z",
                "dateMet": "2009-03-14T17:00:00Z",
            }
        ],
    },
}
CONTRACT: dict[str, Any] = {
    "ocid": "ocds-213czf-1",
    "id": "05",
    "date": "2010-06-11T10:30:00Z",
    "tag": ["contract"],
    "tender": {"title": "Cycle lanes", "milestones": None},
    "awards": [{"id": "a", "status": "active", "date": "2010-05-10T10:30:00Z"}],
    "contracts": [
        {
            "id": "c1",
            "status": "active",
            "value": {"amount": 11_000_000, "currency": "GBP"},
            "dateSigned": "2010-06-10T14:23:12Z",
            "milestones": [{"id": 7, "title": "Opening", "dueDate": "2011-06-30T23:59:00Z"}],
        },
        {
            "id": "c2",
            "status": "pending",
            "value": {"amount": 5, "currency": "USD"},
            "dateSigned": None,
        },
    ],
}
IMPLEMENTATION: dict[str, Any] = {
    "ocid": "ocds-213czf-1",
    "id": "06",
    "date": "2011-07-10T09:30:00Z",
    "tag": ["implementation"],
    "contracts": [
        {
            "id": "c1",
            "status": "pending",
            "implementation": {
                "milestones": [
                    {
                        "id": 7,
                        "title": "Opening",
                        "code": "completion",
                        "dueDate": "2011-06-30T23:59:00Z",
                        "dateMet": "2011-07-05T12:00:00Z",
                    }
                ]
            },
        }
    ],
}


def releases(*found: dict[str, Any]) -> list[Outcome]:
    package = {"uri": "x", "version": "1.1", "publisher": {"name": "p"}, "releases": found}
    return outcomes(Form.OCDS, json.dumps(package), SAID)[1:]


def records(*found: dict[str, Any]) -> list[Outcome]:
    return outcomes(Form.OCDS, json.dumps({"packages": [], "records": found}), SAID)[1:]


def taken(found: list[Outcome]) -> list[RawEvent]:
    return [outcome.event for outcome in found if isinstance(outcome, Accepted)]


def test_a_contract_release_signs_the_project_and_plans_its_milestones() -> None:
    registered, planned = taken(releases(CONTRACT))

    assert isinstance(registered, ProjectRegistered)
    assert registered.id == "ocds-213czf-1|signed"
    assert registered.recordedtime == datetime(2010, 6, 11, 10, 30, tzinfo=UTC)
    project = registered.data
    assert (project.title, project.signed) == ("Cycle lanes", date(2010, 6, 10))
    # the second contract waits for its signature, so only the first's 11,000,000 is committed
    assert (project.value.amount, project.value.currency) == (Decimal(11_000_000), "GBP")
    assert (project.cluster, project.functional_area) == ("offshore", "riverside")
    assert isinstance(planned, MilestonePlanned)
    assert planned.data.milestone == "c1/7"
    assert planned.data.dueDate == date(2011, 6, 30)


def test_before_a_signing_nothing_counts_and_after_it_milestones_do() -> None:
    planning, *rest = releases(PLANNING, IMPLEMENTATION)

    assert planning == Skipped("$.releases[0]", Skip.NOT_SIGNED)
    planned, met, reached = taken(rest)
    assert isinstance(planned, MilestonePlanned)
    assert isinstance(met, MilestoneMet)
    assert (met.data.milestone, met.data.dateMet) == ("c1/7", date(2011, 7, 5))
    assert isinstance(reached, StageReached)
    assert (reached.data.stage, reached.data.on) == (Stage.COMPLETED, date(2011, 7, 5))


def test_of_a_record_the_compiled_release_is_read() -> None:
    compiled = PLANNING | CONTRACT | {"tag": ["compiled"]}
    links = [{"url": "http://example.com/1", "date": "2009-03-15T14:45:00Z", "tag": ["planning"]}]

    found = records({"ocid": "ocds-213czf-1", "releases": links, "compiledRelease": compiled})

    registered, approved, met, filed, opening = taken(found)
    assert isinstance(registered, ProjectRegistered)
    assert registered.data.title == "Cycle Scheme"
    assert isinstance(approved, MilestonePlanned)
    assert (approved.data.milestone, approved.data.type) == ("planning/1", "preProcurement")
    assert isinstance(met, MilestoneMet)
    assert isinstance(filed, StageReached)
    assert (filed.data.stage, filed.data.on) == (
        Stage.FILED,
        date(2009, 3, 15),
    )  # 17:00Z is 01:00 on the next day there
    assert isinstance(opening, MilestonePlanned)
    assert isinstance(found[0], Accepted)
    assert found[0].at == "$.records[0].compiledRelease"


def test_a_record_without_a_compiled_release_is_read_release_by_release() -> None:
    found = records(
        {"ocid": "ocds-213czf-1", "releases": [PLANNING, {"url": "http://x"}, CONTRACT]}
    )

    linked, skipped, *rest = found  # a release is judged once the file is read
    assert skipped == Skipped("$.records[0].releases[0]", Skip.NOT_SIGNED)
    assert isinstance(linked, Refused)
    assert (linked.reason, linked.at) == (Reason.MISSING_FIELD, "$.records[0].releases[1]")
    assert len(taken(rest)) == 2


def test_the_newest_release_stands_and_a_package_twice_counts_once(tmp_path: Path) -> None:
    grown = json.loads(json.dumps(CONTRACT))
    grown |= {"date": "2010-09-01T00:00:00Z", "tag": ["contractAmendment"]}
    grown["contracts"][0]["value"]["amount"] = 12_000_000
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"releases": [PLANNING, grown, CONTRACT, IMPLEMENTATION]}))

    done = imported([path, path], msgspec.structs.replace(SAID, book=POUNDS), book=POUNDS)

    # by date: the contract release gives the signing and a plan, the amendment both again, the
    # implementation release the plan again, the day it was met and the stage; the planning release
    # has no signing, and all of the second reading repeats
    assert done.summary["counted"] == 2 + 2 + 3
    assert done.summary["skipped"]["not_signed"] == 2
    assert done.summary["rejected"] == {"total": 0}
    signed = [event.data for event in done.events if isinstance(event, ProjectRegistered)]
    assert [project.value.amount for project in signed] == [11_000_000, 12_000_000]


@pytest.mark.parametrize(
    ("change", "signed"),
    [
        ({"contracts": []}, date(2010, 6, 11)),  # tagged contract: the release's own day
        ({"contracts": [], "tag": ["award"]}, date(2010, 5, 10)),
        ({"contracts": [], "tag": ["award"], "awards": []}, date(2010, 6, 11)),
    ],
)
def test_without_a_dated_contract_release_or_award_say_when(
    change: dict[str, Any], signed: date
) -> None:
    (event,) = taken(releases(PLANNING | CONTRACT | {"planning": {
        "budget": PLANNING["planning"]["budget"]}} | change))  # fmt: skip

    assert isinstance(event, ProjectRegistered)
    assert event.data.signed == signed
    assert event.data.value.amount == Decimal("6700000.5")  # no contract's value: the budget


def test_an_award_says_what_is_committed_until_a_contract_does() -> None:
    award = CONTRACT["awards"][0] | {"value": {"amount": 10_900_000, "currency": "GBP"}}
    lost = {"status": "unsuccessful", "value": {"amount": 3, "currency": "GBP"}}

    (event,) = taken(releases(CONTRACT | {"contracts": [], "awards": [award, lost]}))

    assert isinstance(event, ProjectRegistered)
    assert event.data.value.amount == Decimal(10_900_000)


def test_a_pending_award_is_no_signing() -> None:
    pending = CONTRACT["awards"][0] | {"status": "pending"}

    found = releases(CONTRACT | {"contracts": [], "awards": [pending], "tag": ["award"]})

    assert found == [Skipped("$.releases[0]", Skip.NOT_SIGNED)]


def test_a_process_whose_contracts_were_all_cancelled_is_terminated() -> None:
    cancelled = CONTRACT | {"contracts": [CONTRACT["contracts"][0] | {"status": "cancelled"}]}

    *_, last = taken(releases(cancelled))

    assert isinstance(last, StageReached)
    assert (last.data.stage, last.data.on) == (Stage.TERMINATED, date(2010, 6, 11))


@pytest.mark.parametrize(
    ("change", "reason", "at"),
    [
        ({"ocid": None}, Reason.MISSING_FIELD, "$.releases[0]"),
        ({"contracts": {}}, Reason.WRONG_TYPE, "$.releases[0].contracts"),
        ({"date": "2010-06-11"}, Reason.NAIVE_TIME, "$.releases[0].date"),
        ({"date": "soon"}, Reason.BAD_VALUE, "$.releases[0].date"),
        (
            {"contracts": [{"id": 1, "dateSigned": "2010-06-10"}], "planning": {}},
            Reason.MISSING_FIELD,
            "$.releases[0].contracts",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_path(
    change: dict[str, Any], reason: Reason, at: str
) -> None:
    (outcome,) = releases(CONTRACT | change)

    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.at) == (reason, at)
    assert json.loads(outcome.original) == CONTRACT | change


def test_a_single_release_and_a_package_are_recognised(tmp_path: Path) -> None:
    one, many = tmp_path / "one.json", tmp_path / "many.json"
    one.write_text(json.dumps(CONTRACT))
    many.write_text(json.dumps({"releases": [CONTRACT | {"ocid": "ocds-213czf-2"}]}))

    done = imported([one, many], msgspec.structs.replace(SAID, book=POUNDS), book=POUNDS)

    assert done.exit_code == 0
    assert done.summary["counted"] == 4
