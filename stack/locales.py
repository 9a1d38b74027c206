"""The languages of the dashboards, from gettext catalogues; `dashboards` itself reads no files."""

from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

import polib

from dashboards.grafana.language import LANGS, Lang, Language

SOURCE: Lang = "en"
"""The language of the messages in the code."""


def languages(langs: tuple[Lang, ...] = LANGS) -> tuple[Language, ...]:
    """Return the languages with their messages."""
    return tuple(Language(lang, _messages(lang)) for lang in langs)


def _messages(lang: Lang) -> NullTranslations:
    """Return the catalogue of a language; a message that it lacks stays in English."""
    if lang == SOURCE:
        return NullTranslations()
    path = files("dashboards") / f"locale/{lang}/LC_MESSAGES/quaymark.po"
    catalogue = polib.pofile(path.read_text(encoding="utf-8"))
    return GNUTranslations(BytesIO(catalogue.to_binary()))
