"""Inputs of real kinds that are read right; expected values by hand from the files.

Each is what a sender's program or a mail system makes of a file; fixtures/README.md names them.
"""

from typing import Any

import pytest

from contract.events import ProjectRegistered
from tests.unit.producers.cases import CASES, case

ZONE: dict[str, Any] = {"cluster": "offshore", "functional_area": "riverside"}


@pytest.mark.parametrize(
    ("name", "moves", "teu", "warnings"),
    [
        ("escaped-release.edi", 2, 3, 0),  # ?? before the terminator is a question mark
        ("una-crlf.edi", 1, 1, 0),
        ("repetition.edi", 1, 1, 0),  # the repetition mark of syntax 4
        ("early-terminator.edi", 2, 3, 2),  # in the midst of an EQD
        ("text-break.edi", 2, 3, 0),
        ("wrapped.edi", 2, 3, 0),
        ("mail.edi", 1, 1, 1),  # a mail header before UNB
        ("ref-una.edi", 1, 1, 0),  # an interchange reference of UNA1234
        ("text-una.edi", 2, 3, 0),
        ("other-marks.edi", 2, 3, 0),  # a second interchange with marks of its own
        ("groups.edi", 4, 7.5, 0),  # 40 ft 2, twice 45 ft 2.25, 20 ft 1
        ("own-messages.edi", 2, 2, 0),  # each box in its own message, all with one reference
        ("unicode-text.txt", 1, 1, 0),  # Excel's "Unicode text": UTF-16 and tabs
        ("est-act.json", 1, 1, 0),  # an estimate that the actual one amends
    ],
)
def test_moves_count(name: str, moves: int, teu: float, warnings: int) -> None:
    found = case(name)

    assert (found.summary["moves"], found.summary["teu"]) == (moves, teu)
    assert found.summary["warnings"] == warnings
    assert found.summary["rejected"] == {"total": 0}
    assert found.exit_code == 0


@pytest.mark.parametrize("name", ["gbk.csv", "full-width.csv"])
def test_moves_in_the_partners_zone_count(name: str) -> None:
    found = case(name, partner="qitong")

    assert (found.summary["moves"], found.summary["teu"]) == (1, 1)
    assert found.exit_code == 0


def test_a_replacement_that_comes_before_its_original_stands() -> None:
    found = case("replaced-2.edi", "replaced-1.edi")

    assert (found.summary["moves"], found.summary["teu"]) == (1, 2)
    assert found.summary["skipped"] == {"outdated": 1, "total": 1}
    assert found.exit_code == 0


def test_a_day_that_may_be_another_is_refused_with_both_readings() -> None:
    found = case("day-month.csv", partner="qitong")

    (rejected,) = found.items("rejected")
    assert rejected["reason"] == "bad_value"
    assert " may be " in rejected["message"]
    assert found.summary["moves"] == 0
    (letter,) = found.letters
    assert letter.value == (CASES / "day-month.csv").read_bytes()  # a header and one row
    assert found.exit_code == 1


@pytest.mark.parametrize(("name", "says"), [("una-lost.edi", "UNA"), ("book.xlsx", "Excel")])
def test_an_unusable_file_is_refused_with_what_it_lacks(name: str, says: str) -> None:
    found = case(name)

    assert found.exit_code == 2
    assert found.summary["moves"] == 0
    assert any(says in item["message"] for item in found.summary["items"])


@pytest.mark.parametrize(
    ("names", "amounts"),
    [
        (["string-amount.json"], [90_000_000]),
        (["p-1.json", "p-2.json"], [90_000_000, 120_000_000]),  # the newer one amends
        (["no-date.json"], [5]),  # a release without a date and a tag
    ],
)
def test_projects_count(names: list[str], amounts: list[int]) -> None:
    found = case(*names, **ZONE)

    signed = [event.data for event in found.events if isinstance(event, ProjectRegistered)]
    assert [int(project.value.amount) for project in signed] == amounts
    assert {project.value.currency for project in signed} == {"CNY"}
    assert found.summary["amended"] == len(amounts) - 1
    assert found.exit_code == 0


def test_an_event_without_a_classifier_is_refused() -> None:
    found = case("no-classifier.json")

    (rejected,) = found.items("rejected")
    assert rejected["reason"] == "missing_field"
    assert "eventClassifierCode" in rejected["message"]
    assert found.summary["moves"] == 0
    assert found.exit_code == 1
