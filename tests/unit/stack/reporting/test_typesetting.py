"""Pages as PDF and PNG: every figure is in them, and two runs give the same bytes."""

import re
from functools import cache
from typing import get_args

import pypdfium2
import pytest

from reports.language.numbers import written
from reports.pages.report_builder import ReportBuilder
from reports.period import ReportKind
from reports.tree import Lang, ReportTree
from stack.delivery.robot_messages import WECOM_PICTURE_BYTES
from stack.reporting import typesetting
from tests.unit.kpis.builders import project
from tests.unit.reports.port_of_years import PLAN, measured, two_years

NAMES = ("<script>", "=HYPERLINK(1)", '#import "x"', "*bold* _x_ $a$")


@cache
def page(lang: Lang, kind: ReportKind = ReportKind.DAILY, name: str = "p1") -> ReportTree:
    late = project(name, milestones=[("completed", "2026-10-01", None)])
    values = measured(*two_years("2026-11-30"), PLAN, late, kind=kind, on="2026-10-20")
    return ReportBuilder(values, lang).report()


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[n].get_textpage().get_text_range() for n in range(len(document))]
    return re.sub(r"\s", "", " ".join(pages).replace("\u00a0", "").replace("\ufffe", "-"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("kind", "pages"), [("daily", 1), ("weekly", 2), ("monthly", 2)])
def test_the_pdf_holds_every_figure_on_so_many_pages(lang: Lang, kind: str, pages: int) -> None:
    report = page(lang, ReportKind(kind))

    made = typesetting.pdf(report)

    text = _text(made)
    assert len(pypdfium2.PdfDocument(made)) == pages
    for one in report.quantities():
        assert re.sub(r"\s", "", written(one, lang)) in text


@pytest.mark.parametrize("lang", get_args(Lang))
def test_the_picture_for_a_chat_is_800_pixels_wide_and_fits_a_robot(lang: Lang) -> None:
    """A PNG has its width in bytes 16 to 20, and its height in the next four."""
    (picture,) = typesetting.chat_png(page(lang))

    width, height = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))
    assert width == 800
    assert 600 < height < 1600
    assert len(picture) < WECOM_PICTURE_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_markup_of_typst(name: str) -> None:
    assert re.sub(r"\s", "", name) in _text(typesetting.pdf(page("en", name=name)))


def test_two_runs_give_the_same_bytes_of_pdf_and_png() -> None:
    report = page("zh")

    assert typesetting.pdf(report) == typesetting.pdf(report)
    assert typesetting.png(report) == typesetting.png(report)
    assert typesetting.png(report)[0].startswith(b"\x89PNG")
