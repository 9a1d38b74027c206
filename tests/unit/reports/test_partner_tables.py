"""The partners in a monthly report: each figure in all forms, or a sentence with the reason."""

import csv
import json
from io import BytesIO, StringIO

import openpyxl
import pytest
from msgspec.structs import replace

from contract.errors import Reason
from reports.forms.figures_json import figures_json
from reports.forms.html import html
from reports.forms.plain_text import plain_text
from reports.forms.tidy_csv import tidy_csv
from reports.forms.typst_input import PAGE, typst_files
from reports.forms.workbook import workbook
from reports.issuing.packed_values import packed, unpacked
from reports.language.refusals import refusal
from reports.pages.report_builder import ReportBuilder
from reports.partner_records import PartnerRecords
from reports.period import ReportKind
from reports.reason import AbsenceReason, Why
from reports.tree import Lang, ReportTree
from reports.values import ReportValues
from tests.unit.reports.port_of_years import PLAN, measured, two_years

EAST = PartnerRecords(
    partner="east",
    received=8_000,
    refused={"unknown_terminal": 100, "bad_value": 60},
    repeated=240,
    amended=40,
    delays=(5_400.0, 86_400.0),
    silent_days=3,
)
QUIET = PartnerRecords("quiet", 0, {}, 0, 0, None, 31)
NOBODY = PartnerRecords("-", 10, {}, 0, 0, (60.0, 120.0), 21)


def october(partners: tuple[PartnerRecords, ...] | AbsenceReason | None) -> ReportValues:
    values = measured(*two_years("2026-11-30"), PLAN, kind=ReportKind.MONTHLY, on="2026-10-31")
    return replace(values, partners=partners)


def page(partners: tuple[PartnerRecords, ...] | AbsenceReason | None, lang: Lang) -> ReportTree:
    return ReportBuilder(october(partners), lang).report()


ALL = (EAST, QUIET, NOBODY)
# of 8,000: 160 refused are 2.0 %, 240 repeats 3.0 %, 40 amended 0.5 %; the rest, 7,600, is 95.0 %;
# 5,400 s are 90 min, 86,400 s are 1,440
SHOWN = ("8,000", "95.0 %", "2.0 %", "3.0 %", "0.5 %", "90", "1,440", "3")


@pytest.mark.parametrize(
    ("lang", "nobody", "refused"),
    [
        ("en", "none named", "east: unknown terminal 100; bad value 60"),
        ("zh", "未指明", f"east：{refusal('unknown_terminal', 'zh')} 100；"),
    ],
)
def test_each_partner_has_a_row_and_its_refusals_by_reason(
    lang: Lang, nobody: str, refused: str
) -> None:
    report = page(ALL, lang)
    text = plain_text(report)

    lines = [line.split() for line in text.splitlines()]
    [east] = [line for line in lines if line[:2] == ["east", "8,000"]]
    assert " ".join(east) == f"east {' '.join(SHOWN)}"
    [quiet] = [line for line in lines if line[:1] == ["quiet"]]
    assert quiet == ["quiet", "0", *["–"] * 6, "31"]
    assert f"{nobody} " in text
    assert refused in text
    for form in (html(report), typst_files(report)[PAGE].decode()):
        assert nobody in form
        assert "1,440" in form


def test_csv_json_and_the_workbook_have_the_same_figures() -> None:
    report = page(ALL, "en")

    rows = list(csv.DictReader(StringIO(tidy_csv(report).decode("utf-8-sig"))))
    mine = {
        (row["series"], row["labels"]): (row["value"], row["unit"], row["reason"])
        for row in rows
        if row["series"].startswith("partner_")
    }
    figures = json.loads(figures_json(report))["figures"]
    in_json = [one for one in figures if one["series"].startswith("partner_")]
    assert len(mine) == len(in_json) == 3 * 8 + 2  # partners by columns, and two refusals
    delays = [one for one in in_json if one["labels"] == {"partner": "east", "quantile": "0.95"}]
    assert [(one["value"], one["unit"]) for one in delays] == [(86_400.0, "seconds")]
    lacking = [one for one in in_json if one["reason"] == "no-record"]
    assert len(lacking) == 6  # four shares and two delays of `quiet`
    sheet = openpyxl.load_workbook(BytesIO(workbook(report)))["Partners"]
    [east] = [row for row in sheet.iter_rows(values_only=True) if row[0] == "east"]
    assert east == ("east", 8000, 0.95, 0.02, 0.03, 0.005, 90, 1440, 3)


@pytest.mark.parametrize(
    ("reason", "english", "chinese"),
    [
        (Why.NO_PARTNER, "the port's book names no partner", "未登记合作方"),
        (Why.NO_REGISTER, "there is no register of moves", "没有可读的作业登记册"),
        (Why.REGISTER_BEHIND, "does not hold all of 2026-10 yet", "尚未收全 2026-10"),
        (Why.RUNNING, "not over yet", "未结束"),
    ],
)
def test_without_figures_a_sentence_says_why(reason: Why, english: str, chinese: str) -> None:
    absent = AbsenceReason(reason, "2026-10" if reason is Why.REGISTER_BEHIND else "")

    for lang, said in (("en", english), ("zh", chinese)):
        report = page(absent, lang)  # type: ignore[arg-type]
        assert said in plain_text(report)
        assert not [one for one in report.quantities() if str(one.kpi.series)[:7] == "partner"]


def test_a_report_that_does_not_ask_says_nothing_of_partners() -> None:
    assert "Partners" not in plain_text(page(None, "en"))


@pytest.mark.parametrize("partners", [ALL, AbsenceReason(Why.NO_REGISTER), None])
def test_an_issue_keeps_what_it_said_of_partners(
    partners: tuple[PartnerRecords, ...] | AbsenceReason | None,
) -> None:
    values = october(partners)

    assert unpacked(packed(values)).partners == partners


def test_every_reason_has_chinese_words() -> None:
    assert all(refusal(reason, "zh") != reason for reason in Reason)
    assert refusal("of-the-future", "zh") == "of-the-future"
