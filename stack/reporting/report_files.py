"""The files of a report, each form in each language, named by owner, kind, period, language."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files

from contract.book import Book
from contract.reporting.issued_report import IssuedFile
from reports.forms.figures_json import figures_json
from reports.forms.html import html
from reports.forms.plain_text import plain_text
from reports.forms.tidy_csv import tidy_csv
from reports.forms.workbook import workbook
from reports.tree import Lang, ReportTree
from reports.values import ReportValues
from stack.reporting import typesetting
from stack.reporting.report_making import built

FORMS: dict[str, Callable[[ReportTree], tuple[bytes, ...]]] = {
    "text": lambda report: (plain_text(report).encode(),),
    "html": lambda report: (html(report).encode(),),
    "pdf": lambda report: (typesetting.pdf(report),),
    "png": typesetting.png,
    "chat": typesetting.chat_png,
    "xlsx": lambda report: (workbook(report),),
    "csv": lambda report: (tidy_csv(report),),
    "json": lambda report: (figures_json(report),),
}
"""Form -> the files of a report in it; PNG has one for each page."""
FIGURES = ("csv", "json")
"""The forms of which one language is kept, since they hold figures and no sentences."""
ENDINGS = {"text": ".txt", "chat": "-chat.png"}
"""The end of a form's file name, where it is not a dot and the form itself."""


def report_files(values: ReportValues, book: Book, languages: Iterable[Lang]) -> dict[str, bytes]:
    """Return name -> bytes of all files of a report; the same values give the same bytes."""
    found: dict[str, bytes] = {}
    for number_of, lang in enumerate(languages):
        report = built(values, book, lang)
        stem = f"{report.owner}-{report.period.kind}-{report.period.name}"
        for form, write in FORMS.items():
            if form in FIGURES:
                if not number_of:
                    found[f"{stem}.{form}"] = write(report)[0]
                continue
            pages = write(report)
            for number, content in enumerate(pages, 1):
                page = f"-{number}" if len(pages) > 1 else ""
                found[f"{stem}-{lang}{page}{ENDINGS.get(form, f'.{form}')}"] = content
    return found


def digests(contents: Mapping[str, bytes]) -> tuple[IssuedFile, ...]:
    """Return the size and SHA-256 of each file."""
    return tuple(
        IssuedFile(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in sorted(contents.items())
    )


@cache
def fonts_digest() -> str:
    """Return the SHA-256 of the fonts in which pages are typeset."""
    found = hashlib.sha256()
    for font in sorted((files("reports") / "fonts").iterdir(), key=lambda one: one.name):
        if font.name.endswith(".otf"):
            found.update(font.read_bytes())
    return found.hexdigest()
