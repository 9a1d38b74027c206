"""Pages typeset by Typst, as PDF or PNG, with the fonts that the project brings along."""

from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import typst

from reports.forms.typst_input import typst_files
from reports.tree import ReportTree

PNG_PPI = 150.0


def pdf(report: ReportTree) -> bytes:
    """Return a report as PDF; the same tree gives the same bytes."""
    return _compiled(report, "pdf")[0]


def png(report: ReportTree) -> tuple[bytes, ...]:
    """Return the pages of a report as PNG."""
    return _compiled(report, "png")


def chat_png(report: ReportTree) -> tuple[bytes, ...]:
    """Return a picture for a chat or an e-mail, 800 px wide."""
    return _compiled(report, "png", chat=True)


def _compiled(
    report: ReportTree, form: Literal["pdf", "png"], *, chat: bool = False
) -> tuple[bytes, ...]:
    source = files("reports.forms") / "page.typ"
    with as_file(files("reports") / "fonts") as fonts, TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "page.typ").write_bytes(source.read_bytes())
        for name, content in typst_files(report, chat=chat).items():
            (place / name).write_bytes(content)
        made = typst.compile(
            place / "page.typ",
            root=place,
            font_paths=[fonts],
            ignore_system_fonts=True,
            format=form,
            ppi=PNG_PPI if form == "png" else None,
        )
    return tuple(made) if isinstance(made, list) else (made,)
