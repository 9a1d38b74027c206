"""The languages of the boards: gettext catalogues, read for the room that reads no files."""

from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

import polib

from dashboards.grafana.language import LANGS, Lang, Language

SOURCE: Lang = "en"
"""The language in which messages stand in the code."""


def tongues(langs: tuple[Lang, ...] = LANGS) -> tuple[Language, ...]:
    """Each language with its messages."""
    return tuple(Language(lang, _messages(lang)) for lang in langs)


def _messages(lang: Lang) -> NullTranslations:
    """The catalogue of a language; a message that is missing there is said in English."""
    if lang == SOURCE:
        return NullTranslations()
    written = files("dashboards") / f"locale/{lang}/LC_MESSAGES/quaymark.po"
    catalogue = polib.pofile(written.read_text(encoding="utf-8"))
    return GNUTranslations(BytesIO(catalogue.to_binary()))
