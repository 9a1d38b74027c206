"""What makes the figures of a page doubtful: they are old, no worker counts, or no move comes."""

from datetime import datetime

from reports.language.language import LANGUAGES
from reports.tree import Lang
from web.figures.site_figures import OwnerFigures, SiteFigures
from web.pages.wording import WEB_WORDS

OLD_SECONDS = 120.0  # six passes have failed


def doubts(
    site: SiteFigures, owner: OwnerFigures, failure: str, now: datetime, lang: Lang
) -> tuple[str, ...]:
    """Return a sentence for each reason; () if nothing is wrong."""
    words, plain = WEB_WORDS[lang], LANGUAGES[lang].plain
    found = []
    age = (now - site.at).total_seconds()
    if age > OLD_SECONDS:
        clock, minutes = f"{site.at:%H:%M}", f"{age // 60:.0f}"
        found.append(plain(words.stale, clock=clock, minutes=minutes, why=failure or "?"))
    elif site.waiting is None:
        found.append(words.no_worker)
    live = owner.live
    if site.is_filling:
        found.append(plain(words.filling, day=site.booked_to))
    elif live and live.newest and live.due and now > live.due:
        found.append(plain(words.no_move_since, clock=_clock(live.newest, now)))
    return tuple(found)


def _clock(at: datetime, now: datetime) -> str:
    """The hour and minute, with the day if that is not today's."""
    local = now.astimezone(at.tzinfo)
    return f"{at:%H:%M}" if at.date() == local.date() else f"{at:%Y-%m-%d %H:%M}"
