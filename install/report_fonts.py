"""Makes the fonts of the reports again: Noto Sans CJK SC, cut down to what reports are written in.

usage: python -m install.report_fonts NotoSansCJK-Regular.ttc NotoSansCJK-Bold.ttc
needs: fonttools, and the two files (Debian: fonts-noto-cjk).  Noto's licence, the SIL Open Font
License 1.1, asks that a changed font bears another name: "Quaymark Sans".
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection

from reports.forms.glyphs import drawable

FOLDER = Path(__file__).parents[1] / "reports/fonts"
NAME = "Quaymark Sans"


def make(source: Path, style: str) -> Path:
    """Write one style of the font; returns its path."""
    fonts = TTCollection(source).fonts
    font = next(one for one in fonts if one["name"].getDebugName(1) == "Noto Sans CJK SC")
    options = Options(
        layout_features=["kern", "locl", "ccmp", "tnum", "mark"], desubroutinize=True
    )
    options.name_IDs, options.name_languages = [0, 1, 2, 3, 4, 5, 6, 13, 14], [0x409]
    options.notdef_outline, options.hinting = True, False
    cut = Subsetter(options)
    cut.populate(unicodes=map(ord, drawable()))
    cut.subset(font)
    names, plain = font["name"], NAME.replace(" ", "")
    given = {1: NAME, 2: style, 3: f"{plain}-{style}", 4: f"{NAME} {style}", 6: f"{plain}-{style}"}
    for number, text in given.items():
        names.setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [f"{plain}-{style}"]
    top = cff.topDictIndex[0]
    top.FullName, top.FamilyName = f"{NAME} {style}", NAME
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    path = FOLDER / f"{plain}-{style}.otf"
    font.save(path)
    return path


if __name__ == "__main__":
    for source, style in zip(sys.argv[1:], ("Regular", "Bold"), strict=True):
        written = make(Path(source), style)
        print(f"{written}: {written.stat().st_size:,} bytes")  # a program
