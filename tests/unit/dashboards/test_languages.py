"""No message lacks a translation, none is left over, and no language stands in the code."""

import re
from gettext import NullTranslations
from pathlib import Path

import polib
import pytest

import dashboards
from contract.book import Book
from dashboards.grafana.language import LANGS, Language
from dashboards.grafana.layout import BOARDS as LINKED
from dashboards.provisioning import BOARDS, render
from stack.locales import SOURCE, languages

FOLDER = Path(next(iter(dashboards.__path__)))
OTHERS = [lang for lang in LANGS if lang != SOURCE]
Message = tuple[str, str]


class Asked(NullTranslations):
    """Notes each message that is asked for: (context, message)."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: set[Message] = set()

    def gettext(self, message: str) -> str:
        self.messages.add(("", message))
        return message

    def pgettext(self, context: str, message: str) -> str:
        self.messages.add((context, message))
        return message


def catalogue(lang: str) -> dict[Message, str]:
    text = (FOLDER / f"locale/{lang}/LC_MESSAGES/quaymark.po").read_text(encoding="utf-8")
    return {(one.msgctxt or "", one.msgid): one.msgstr for one in polib.pofile(text)}


@pytest.mark.parametrize("lang", OTHERS)
def test_every_message_is_translated_and_none_is_left_over(book: Book, lang: str) -> None:
    asked = Asked()
    render(book, [Language(lang, asked)])  # type: ignore[arg-type]  # one of LANGS

    known = catalogue(lang)

    assert asked.messages - known.keys() == set(), "to be translated"
    assert known.keys() - asked.messages == set(), "no board says this any more"
    assert [message for message, text in known.items() if not text.strip()] == []


@pytest.mark.parametrize("lang", OTHERS)
def test_no_language_stands_in_the_code(lang: str) -> None:
    """Units and dates of a language are in language.py, its words in its catalogue."""
    for path in FOLDER.rglob("*.py"):
        if path.name not in ("language.py", "provisioning.py"):
            assert not re.search(r"[\u4e00-\u9fff]", path.read_text(encoding="utf-8")), path.name


def test_a_language_says_its_own_words_and_names() -> None:
    english, chinese = languages()

    assert (english.text("Behind"), chinese.text("Behind")) == ("Behind", "落后")
    assert chinese.text("Critical", "milestones") == "严重逾期"  # of milestones
    assert chinese.text("Critical") == "严重落后"  # of a plan
    assert chinese.text("never said before") == "never said before"


def test_the_boards_that_are_drawn_are_those_that_are_linked() -> None:
    assert list(BOARDS) == list(LINKED)
