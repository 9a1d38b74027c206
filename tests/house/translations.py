"""Chinese pages and the English ones that they follow, section by section.

Below each heading of a Chinese page stands a comment with the digest of the English section that
it translates.  A change to the English text changes the digest, so a house test names the section
until somebody has looked at the translation and stamped it:

    python -m tests.house.translations
"""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGLISH = ("README.md", "docs/operations.md", "docs/your-port.md")
STAMP = re.compile(r"<!-- English: (\w+) -->\n")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def translation(page: str) -> str:
    """Return the name of the Chinese page of an English one."""
    return page.removesuffix(".md") + ".zh.md"


def sections(text: str) -> list[str]:
    """Return the sections of a page, each with its heading; a `#` in a code block is none."""
    hidden = FENCE.sub(lambda found: found[0].replace("\n#", "\n\0"), text)
    parts = re.split(r"^(?=#+ )", hidden, flags=re.MULTILINE)
    return [part.replace("\0", "#") for part in parts if part]


def digest(section: str) -> str:
    """Return the digest of a section, the same for any line breaks inside its paragraphs."""
    return hashlib.sha256(" ".join(section.split()).encode()).hexdigest()[:8]


def stamped(english: str, chinese: str) -> str:
    """Return the Chinese page with the digests of the English sections in their order.

    Raises:
        ValueError: the pages differ in how many sections they have.
    """
    pairs = zip(sections(english), sections(STAMP.sub("", chinese)), strict=True)
    return "".join(_with_stamp(ours, digest(theirs)) for theirs, ours in pairs)


def _with_stamp(section: str, value: str) -> str:
    heading, _, rest = section.partition("\n")
    return f"{heading}\n<!-- English: {value} -->\n{rest}"


def main() -> None:
    """Stamp every Chinese page as a translation of the English one as it is now."""
    for page in ENGLISH:
        path = ROOT / translation(page)
        english = (ROOT / page).read_text(encoding="utf-8")
        path.write_text(stamped(english, path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
