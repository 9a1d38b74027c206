"""Values on the pages in words: each that the code can produce, in both languages."""

import re
from collections.abc import Iterator

import pytest

from contract.errors import Reason
from contract.events import EquipmentEvent, Fill
from contract.move_class import MoveKind, UncountedCause
from ledger.facts import CLASSES
from register.columns import State
from register.questions import Cause
from web.pages.asked_figure import CLASSES as CLASS_WORDS
from web.pages.explain_wording import EXPLAIN_WORDS
from web.pages.explained_figure import SHOWN
from web.pages.value_words import NO_REASON, WORDS, in_words, place_in_words

HAN = re.compile(r"[\u4e00-\u9fff]")


def produced() -> Iterator[tuple[str, str]]:
    """Each column with each value that a row of the register or an answer can have there."""
    for column, values in (
        ("cause", Cause),
        ("state", State),
        ("reason", [*Reason, *UncountedCause, NO_REASON]),
        ("move", EquipmentEvent),
        ("kind", MoveKind),
        ("fill", [*Fill, "unknown"]),
        ("size_feet", sorted({size for *_, size in CLASSES})),
    ):
        for value in values:
            yield column, str(value)


@pytest.mark.parametrize(("column", "value"), list(produced()))
def test_every_value_has_a_chinese_and_a_plain_english_word(column: str, value: str) -> None:
    chinese, english = in_words(column, value, "zh"), in_words(column, value, "en")

    if value.isdigit():  # feet
        assert (chinese, english) == (value, value)
    else:
        assert HAN.search(chinese)
        assert not re.search(r"[A-Za-z_]", chinese)
        assert re.fullmatch(r"[a-z][a-z ,:-]*", english)


def test_no_word_is_left_of_a_value_that_nothing_produces() -> None:
    worded = {(column, str(value)) for column, values in WORDS.items() for value in values}

    assert worded <= set(produced())


def test_names_that_people_wrote_are_never_put_into_words() -> None:
    for column in ("vessel_name", "container", "terminal", "voyage", "source"):
        assert in_words(column, "other", "zh") == "other"


def test_every_class_of_a_board_has_its_word() -> None:
    for column, value in CLASS_WORDS.values():
        assert value.isdigit() or HAN.search(in_words(column, value, "zh"))


def test_every_column_of_a_page_has_its_heading_in_both_languages() -> None:
    english, chinese = (EXPLAIN_WORDS[lang].columns for lang in ("en", "zh"))

    assert english.keys() == chinese.keys()
    assert set(SHOWN) <= english.keys()
    assert all(HAN.search(head) for head in chinese.values())


@pytest.mark.parametrize(
    ("place", "chinese"),
    [
        ("line 4, move", "第 4 行，move"),
        ("message 7, segment 12 (EQD)", "报文 7，段 12 (EQD)"),
        ("message M-1, after segment 3", "报文 M-1，段 3 之后"),
        ("interchange 42", "交换 42"),
        ("line 2 $.data[3]", "第 2 行 $.data[3]"),
    ],
)
def test_a_place_in_a_file_is_said_in_chinese(place: str, chinese: str) -> None:
    assert place_in_words(place, "zh") == chinese
    assert place_in_words(place, "en") == place
