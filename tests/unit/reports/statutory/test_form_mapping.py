"""The mapping file of a statutory form: its cells, and each mistake with place and remedy."""

from decimal import Decimal

import pytest

from contract.errors import Misconfigured
from reports.statutory.form_cell import (
    CellSpan,
    ClassFilter,
    FormCell,
    FormFigure,
    cell_ranges,
)
from reports.statutory.form_mapping import read_mapping

TERMINALS = ("THE", "THW")


def cells(text: str) -> tuple[FormCell, ...]:
    return read_mapping(text, "m.toml", TERMINALS)


def mistakes(text: str) -> list[str]:
    with pytest.raises(Misconfigured) as raised:
        cells(text)
    return str(raised.value).splitlines()


def test_a_cell_names_its_figure_and_what_it_is_of() -> None:
    found = cells(
        """
        sheet = "10表"
        [[cell]]
        at = "c6"
        figure = "teu"
        span = "year-to-date"
        move = "load"
        size = ["40", "45"]
        terminal = "THW"
        per = 10_000
        digits = 2
        """
    )

    assert found == (
        FormCell(
            sheet="10表",
            at="C6",
            figure=FormFigure.TEU,
            span=CellSpan.YEAR,
            moves=ClassFilter(move="load", sizes=("40", "45"), terminal="THW"),
            per=Decimal(10_000),
            digits=2,
        ),
    )


def test_each_cell_of_a_grid_has_the_fields_of_its_row_and_column() -> None:
    found = cells(
        """
        [[grid]]
        columns = { C = { figure = "boxes" }, D = { figure = "teu", per = 0.01 } }
        rows = { 6 = {}, 7 = { fill = "laden" } }
        """
    )

    assert [(one.at, one.figure, one.moves.fill) for one in found] == [
        ("C6", "boxes", ""),
        ("D6", "teu", ""),
        ("C7", "boxes", "laden"),
        ("D7", "teu", "laden"),
    ]
    assert {one.per for one in found} == {Decimal(1), Decimal("0.01")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cell = 1", "m.toml: cell is no list of tables, expected [[cell]]"),
        ("[[cells]]", "m.toml: 'cells' is unknown; did you mean cell?"),
        ("sheet = 1\n[[cell]]\nat='A1'\nfigure='owner'", "sheet is 1, expected a text in quotes"),
        ("[[cell]]\nat='C6:D7'\nfigure='teu'", "at is 'C6:D7', expected one cell such as C6"),
        ("[[cell]]\nat='C6'\nfigure='teus'", "[[cell]] 1, C6: figure 'teus' is unknown; did you"),
        ("[[cell]]\nat='C6'\nfigur='teu'", "[[cell]] 1, C6: 'figur' is unknown; did you mean fig"),
        ("[[cell]]\nat='C6'\nfill='laden'", "C6: figure is missing, expected one of teu, boxes,"),
        (
            "[[cell]]\nat='C6'\nfigure='teu'\nmove='in'",
            "move 'in' is unknown; known: discharge, l",
        ),
        ("[[cell]]\nat='C6'\nfigure='teu'\nterminal='XXX'", "'XXX' is unknown; known: THE, THW"),
        (
            "[[cell]]\nat='C6'\nfigure='teu'\nsize=['20','22']",
            "size '22' is unknown; known: 10, 20, 30, 40",
        ),
        (
            "[[cell]]\nat='C6'\nfigure='teu'\nspan='year'",
            "span 'year' is unknown; known: month, month-l",
        ),
        ("[[cell]]\nat='C6'\nfigure='teu'\nper=0", "C6: Expected `float` > 0"),
        ("[[cell]]\nat='C6'\nfigure='owner'\nper=10", "owner takes no per, expected none"),
        ("[[cell]]\nat='C6'\nfigure='plan'\nfill='empty'", "plan takes no fill, expected none"),
        ("[[cell]]\nat='C6'\nfigure='on-year'\nsize='20'", "no size, expected at most terminal"),
        (
            "[[cell]]\nat='C6'\nfigure='on-month'\nspan='year-to-date'",
            "no span 'year-to-date', ex",
        ),
        (
            "[[cell]]\nat='C6'\nfigure='teu'\n[[cell]]\nat='C6'\nfigure='boxes'",
            "[[cell]] 1, C6 na",
        ),
        ("[[grid]]\ncolumns={C={}}", "[[grid]] 1: rows are missing, expected [grid.rows]"),
        ("[[grid]]\ncolumns={C1={}}\nrows={6={}}", "columns.C1: expected letters such as C"),
        ("[[grid]]\ncolumns={C={figure='teu'}}\nrows={x={}}", "rows.x: expected a number such"),
        ("[[grid]]\ncolumns={C='teu'}\nrows={6={}}", "columns.C: 'teu' is no table, expected { f"),
        (
            "[[grid]]\ncolumns={C={figure='teu',fill='laden'}}\nrows={6={fill='empty'}}",
            "C6: fill is 'empty' in the row and 'laden' in the column, expected it in one of them",
        ),
        ("", "no cell is named, expected [[cell]] or [[grid]]"),
        ("[[cell", "m.toml: not TOML: "),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_is_expected(text: str, said: str) -> None:
    found = mistakes(text)

    assert all(line.startswith("m.toml: ") for line in found)
    assert any(said in line for line in found), found


def test_all_mistakes_are_told_at_once() -> None:
    found = mistakes("[[cell]]\nat='C'\n[[cell]]\nat='C6'\nfigure='x'\n[[grid]]\nrows={1={}}")

    assert len(found) == 3


def test_cells_that_follow_one_another_are_listed_as_ranges() -> None:
    held = [
        FormCell(sheet, at, FormFigure.TEU)
        for sheet, at in (("a", "E7"), ("a", "E6"), ("a", "AA6"), ("a", "E9"), ("b", "C1"))
    ]

    assert cell_ranges(held) == "a!E6:E7, E9, AA6, b!C1"
