"""A table of moves with headings of the sender's own: which are unknown, and what is nearest."""

import pytest

from contract.book import Partner
from contract.errors import Rejected
from producers.csv.nearest_headings import unknown_headings
from producers.importing.detect import form_of


def test_each_unknown_heading_has_the_known_one_that_is_nearest() -> None:
    """Of 时刻 one character of two is in 时间, and none of 港区 is in any heading of moves."""
    said = unknown_headings(["装卸", "时刻", "泊位", "港区"], None)

    assert "moves need time; unknown headings are '时刻' (nearest: 时间, which is time)" in said
    assert "'港区'; rename them" in said
    assert "装卸" not in said
    assert "泊位" not in said


def test_a_heading_that_the_partner_maps_is_known() -> None:
    own = Partner("own", "Asia/Shanghai", columns={"时刻": "time", "港区": "terminal"})

    assert "moves need move; unknown headings are '作业'" in unknown_headings(
        ["作业", "时刻", "港区"], own
    )


def test_a_table_of_known_headings_says_which_of_moves_it_lacks() -> None:
    head = b"id,time,move,container,size\n1,2026-03-01 08:00,load,CSQU3054383,45G1\n"

    with pytest.raises(Rejected, match="these are moves: moves need terminal in a column"):
        form_of(head)
    assert unknown_headings(["time", "move", "terminal"], None) == ""  # nothing lacks


@pytest.mark.parametrize("header", [["月份", "吞吐量"], ["month", "container_throughput"], ["a"]])
def test_a_table_of_figures_has_no_hint_of_moves(header: list[str]) -> None:
    assert unknown_headings(header, None) == ""


def test_a_file_that_is_not_recognised_names_its_unknown_headings() -> None:
    head = "装卸,时刻,泊位\n装,2026-03-01 08:00,THE\n".encode()

    with pytest.raises(Rejected, match="unknown headings are '时刻'"):
        form_of(head)


def test_a_sentence_with_commas_is_no_header() -> None:
    sentence = "the container moved at noon, as the other one did the day before"

    assert unknown_headings(["move", "containers", sentence], None) == ""
