"""What an issued report says of itself on its pages: edition, warning, revisions and remarks."""

import re
from datetime import date, datetime, timedelta, timezone
from html import unescape
from typing import get_args
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from msgspec.structs import replace

from contract.events import Label
from reports.forms.html import html
from reports.forms.plain_text import plain_text
from reports.issuing.revisions import revisions
from reports.pages.report_builder import ReportBuilder
from reports.period import Span
from reports.tree import Lang, Lines, ReportTree, Table
from reports.values import (
    CountedCause,
    Remark,
    ReportIssue,
    ReportValues,
    Revision,
    RevisionCause,
)
from stack.reporting import typesetting
from stack.reporting.issuing import explanation
from stack.reporting.report_files import report_files
from tests.unit.kpis.builders import BOOK, target
from tests.unit.reports.port_of_years import PLAN, measured, two_years
from web.pages.asked_figure import AskedFigure
from web.pages.view import PageView

ISSUE = ReportIssue(date(2026, 11, 26), "08:00", 1)
ON = date(2026, 11, 23)
CAUSES = (CountedCause(RevisionCause.LATE, 3), CountedCause(RevisionCause.AMENDED, 1))
REVISED = Revision(Span(ON, ON), 330.0, 342.0, "THE", causes=CAUSES)
HOSTILE = '<script>=HYPERLINK("#import") 彧' + "x" * 200


@pytest.fixture(scope="module")
def values() -> ReportValues:
    return measured(*two_years(), PLAN)


def page(values: ReportValues, lang: Lang = "en") -> ReportTree:
    return ReportBuilder(values, lang).report()


@pytest.mark.parametrize(
    ("lang", "stamp"),
    [
        ("zh", "数据至 11-25 24:00　11-26 08:00 签发　乙版"),
        ("en", "data to 25 Nov 24:00 · issued 26 Nov 08:00 · edition 2"),
    ],
)
def test_the_stamp_says_when_which_edition_was_issued(
    values: ReportValues, lang: Lang, stamp: str
) -> None:
    shown = page(replace(values, issue=replace(ISSUE, edition=2)), lang)

    assert shown.stamp.replace("\u00a0", " ") == stamp
    assert shown.edition == 2
    assert shown.warning == ""


def test_a_provisional_issue_has_a_warning_that_a_new_edition_follows(
    values: ReportValues,
) -> None:
    shown = page(replace(values, issue=replace(ISSUE, provisional=True, unread=True)))

    assert shown.provisional
    assert shown.warning == (
        "Provisional: Events wait that are not booked yet. "
        "A new edition follows once the data are whole."
    )


def test_revisions_name_the_day_the_figures_and_the_reason(values: ReportValues) -> None:
    year = Revision(Span(date(2026, 1, 1), date(2026, 11, 24)), 162_360, 162_372)
    many = (year, *[replace(REVISED, terminal=name) for name in ("THE", "THW", "THE", "THW")])

    text = plain_text(page(replace(values, issue=ISSUE, revisions=many)))

    assert "Year to 24 Nov: 162,360 → 162,372 TEU" in text
    assert "23 Nov, East: 330 → 342 TEU (3 late; 1 amended)" in text
    assert "2 more revisions are in the workbook." in text
    (sheet,) = [
        one for one in page(replace(values, revisions=many)).sheets if one.sheet == "Revisions"
    ]
    assert isinstance(sheet, Table)
    assert len(sheet.rows) == 5


def test_a_revised_day_leads_to_what_changed_it_since_the_issue_before(
    values: ReportValues,
) -> None:
    zone = timezone(timedelta(hours=8))
    before, now = datetime(2026, 11, 24, 8, tzinfo=zone), datetime(2026, 11, 26, 8, tzinfo=zone)
    address = explanation("https://board.port.example/", before, now)
    revised = replace(values, issue=ISSUE, revisions=(REVISED,), explanation=address)

    [link] = re.findall('href="(https:[^"]*)"', html(page(revised)))

    parts = urlsplit(unescape(link))
    assert (parts.netloc, parts.path) == ("board.port.example", "/explain")
    asked = AskedFigure.of(dict(parse_qsl(parts.query)), now, ZoneInfo("Asia/Shanghai"))
    assert asked == AskedFigure("2026-11-23", (("terminal", "THE"),), now, before)
    assert PageView.of(dict(parse_qsl(parts.query)), "").area == revised.owner
    [pdf] = [
        content
        for name, content in report_files(revised, BOOK, ("en",)).items()
        if name.endswith(".pdf")
    ]
    assert b"https://board.port.example/explain?since=2026-11-24T08%3A00%3A00%2B08%3A00" in pdf
    assert "href" not in html(page(replace(revised, explanation="")))


def test_a_revised_goal_is_written_in_the_targets_unit(values: ReportValues) -> None:
    """The goal was 165,000 TEU, and is 170,000 now: 16.5 and 17 万标箱."""
    now = measured(*two_years(), target(170_000))

    text = plain_text(page(replace(now, issue=ISSUE, revisions=revisions(values, now)), "zh"))

    assert "目标 年吞吐量：16.5 → 17（目标调整）" in text


def test_remarks_are_shown_and_their_absence_is_said_beside_alerts(values: ReportValues) -> None:
    remark = Remark(date(2026, 11, 25), "typhoon", "王芳", Label("台风停工", "Typhoon"))

    titles = {
        block.title: block
        for block in page(replace(values, issue=ISSUE, remarks=(remark,))).blocks()
        if isinstance(block, Lines)
    }
    assert "Remarks" in titles
    assert "25 Nov: Typhoon (王芳)" in plain_text(page(replace(values, remarks=(remark,))))


@pytest.mark.parametrize("lang", get_args(Lang))
def test_an_issue_with_revisions_and_remarks_is_one_a4_page(
    values: ReportValues, lang: Lang
) -> None:
    remarks = tuple(
        Remark(date(2026, 11, 25), str(n), "王芳", Label("台风停工" * 20, "Typhoon " * 20))
        for n in range(5)
    )
    full = replace(
        values,
        issue=replace(ISSUE, provisional=True, unread=True),
        revisions=(REVISED,) * 9,
        remarks=remarks,
    )

    assert len(pypdfium2.PdfDocument(typesetting.pdf(page(full, lang)))) == 1


def test_a_remark_is_data_in_every_form(values: ReportValues) -> None:
    remark = Remark(date(2026, 11, 25), "x", HOSTILE, Label(HOSTILE, HOSTILE))

    found = report_files(replace(values, issue=ISSUE, remarks=(remark,)), BOOK, ("en",))

    html = found["tonghai-daily-2026-11-25-en.html"].decode()
    assert "<script>" not in html
    assert "&lt;script&gt;=HYPERLINK" in html
    assert "x" * 100 not in found["tonghai-daily-2026-11-25-en.txt"].decode()  # cut on paper


def test_the_same_values_make_the_same_files(values: ReportValues) -> None:
    issued = replace(values, issue=ISSUE, revisions=(REVISED,))

    first = report_files(issued, BOOK, ("en",))

    assert first == report_files(issued, BOOK, ("en",))
    assert {name.rpartition(".")[2] for name in first} == {
        *("txt", "html", "pdf", "png", "xlsx", "csv", "json")
    }
