"""A program of the bench replaces its own section of the page and no other."""

from pathlib import Path

from bench.page import put, with_section

PAGE = "# Bench\n\n| a |\n\n## Imports\n\nfast\n\n## The chain\n\nold\n\n## Last\n\nend\n"


def test_a_section_takes_the_place_of_the_one_of_its_title() -> None:
    assert with_section(PAGE, "## The chain\n\nnew\n\n\n") == PAGE.replace("old", "new")


def test_a_section_that_is_new_comes_last() -> None:
    assert with_section("# Bench\n\n| a |\n", "## The chain\n\nnew\n") == (
        "# Bench\n\n| a |\n\n## The chain\n\nnew\n"
    )


def test_a_title_that_only_begins_alike_is_another() -> None:
    text = with_section("## The chain of old\n\nold\n", "## The chain\n\nnew\n")

    assert text == "## The chain of old\n\nold\n\n## The chain\n\nnew\n"


def test_a_page_that_is_not_there_is_made(tmp_path: Path) -> None:
    put(tmp_path / "docs/bench.md", "## The chain\n\nnew\n")

    assert (tmp_path / "docs/bench.md").read_text() == "## The chain\n\nnew\n"
