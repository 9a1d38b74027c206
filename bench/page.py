"""A page of Markdown in sections, of which each program of the bench replaces its own."""

import re
from pathlib import Path


def put(page: Path, section: str) -> None:
    """Write a section, `## Title` first, in the place of the one of that title, or at the end."""
    there = page.read_text(encoding="utf-8") if page.exists() else ""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(with_section(there, section), encoding="utf-8")


def with_section(text: str, section: str) -> str:
    """A page's text with a section in the place of the one of its title, or at the end."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    title = section.partition("\n")[0]
    own = f"{section.strip()}\n"
    kept = [part for part in parts if part.strip()]
    titles = [part.partition("\n")[0].strip() for part in kept]
    if title in titles:
        kept[titles.index(title)] = own
    else:
        kept.append(own)
    return "\n".join(f"{part.strip()}\n" for part in kept)
