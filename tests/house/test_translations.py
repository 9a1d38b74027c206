"""The Chinese pages follow the English ones: the same sections, commands, links and names."""

import re

import pytest

from tests.house.translations import ENGLISH, FENCE, ROOT, STAMP, sections, stamped, translation

each_page = pytest.mark.parametrize("page", ENGLISH)


def both(page: str) -> list[tuple[str, str]]:
    english = sections((ROOT / page).read_text(encoding="utf-8"))
    chinese = sections((ROOT / translation(page)).read_text(encoding="utf-8"))
    assert len(english) == len(chinese), f"{page}: {len(english)} sections, {len(chinese)}"
    return list(zip(english, chinese, strict=True))


def commands(section: str) -> list[str]:
    """Return the lines of code blocks without what explains them: comments, words after a gap."""
    lines = "\n".join(FENCE.findall(section)).splitlines()
    return [re.split(r"\s+#|\s{2,}", line.strip())[0] for line in lines]


def links(section: str) -> list[str]:
    """Return the targets of links; a Chinese page may lead to a Chinese one, and its headings."""
    found = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", section)
    return sorted(
        target.replace(".zh.md", ".md").replace("-zh.png", "-en.png") for target in found
    )


def names(section: str) -> set[str]:
    """Return what stands in code marks outside code blocks."""
    return set(re.findall(r"`([^`]+)`", FENCE.sub("", section)))


@each_page
def test_a_chinese_page_is_of_the_english_text_of_now(page: str) -> None:
    chinese = (ROOT / translation(page)).read_text(encoding="utf-8")
    english = (ROOT / page).read_text(encoding="utf-8")

    changed = [
        theirs.partition("\n")[0]
        for theirs, ours, now in zip(
            sections(english),
            STAMP.findall(chinese),
            STAMP.findall(stamped(english, chinese)),
            strict=False,
        )
        if ours != now
    ]
    hint = "mend the translation, then python -m tests.house.translations"
    assert chinese == stamped(english, chinese), f"{page}: {changed}: {hint}"


@each_page
def test_a_chinese_page_has_the_sections_commands_links_and_names(page: str) -> None:
    for english, chinese in both(page):
        heading = english.partition("\n")[0]
        level = re.compile(r"#*")
        assert level.match(english)[0] == level.match(chinese)[0], heading  # type: ignore[index]
        assert commands(english) == commands(chinese), heading
        assert links(english) == links(chinese), heading
        assert names(english) == names(chinese), heading
        rows = [text.count("\n|") for text in (english, chinese)]
        assert rows[0] == rows[1], heading


def test_a_changed_section_is_named() -> None:
    english, chinese = "# A\nOne.\n## B\nTwo.\n", "# 甲\n一。\n## 乙\n二。\n"
    done = stamped(english, chinese)

    assert stamped(english, done) == done
    assert stamped("# A\nOne.\n## B\nThree.\n", done).splitlines()[:3] == done.splitlines()[:3]
    assert stamped("# A\nOne.\n## B\nThree.\n", done) != done
    with pytest.raises(ValueError, match="longer"):
        stamped("# A\nOne.\n", done)
