"""A report: its head, its blocks in the order of their weight, and its pages."""

from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace

from contract.events import Label
from reports.language.language import LANGUAGES
from reports.pages import charts, issue_notes, lead, notes, port_tables, time_tables, zone_tables
from reports.pages.heads import port_heads, zone_heads
from reports.pages.highlights import highlights
from reports.pages.partner_tables import partners
from reports.pages.port_figures import PortFigures
from reports.pages.target_table import targets
from reports.pages.zone_figures import ZoneFigures
from reports.period import ReportKind, Span
from reports.tree import Band, Block, Head, Lang, ReportTree, Run, Table, Words
from reports.values import ReportValues

Page = tuple[Band, ...]


class ReportBuilder:
    """The making of one report in one language from its values."""

    def __init__(
        self, values: ReportValues, lang: Lang, clusters: Mapping[str, Label] | None = None
    ) -> None:
        self._values, self._language = values, LANGUAGES[lang]
        self._clusters = clusters or {}
        self._port = PortFigures(values.port, values.period) if values.port else None
        self._zone = ZoneFigures(values.zone, values.period) if values.zone else None

    def report(self) -> ReportTree:
        """Return the report.

        Raises:
            ValueError: there is neither a port area nor a zone.
        """
        named = self._values.port or self._values.zone
        if named is None:
            raise ValueError("a report needs a port area or a zone")
        language, words, period = self._language, self._language.words, self._values.period
        issue = self._values.issue
        titles = {
            ReportKind.DAILY: (words.title_daily, words.zone_daily),
            ReportKind.WEEKLY: (words.title_weekly, words.zone_weekly),
            ReportKind.MONTHLY: (words.title_monthly, words.zone_monthly),
        }[period.kind]
        title = titles[0] if self._port else titles[1]
        pages = self._pages()
        report = ReportTree(
            period=period,
            lang=language.lang,
            owner=named.code,
            title=language.plain(title, owner=language.name(named.name)),
            date=language.period(period),
            stamp=issue_notes.stamp(self._values, language),
            warning=issue_notes.warning(
                lead.warning(self._port, language) if self._port else "", self._values, language
            ),
            lead=self._lead(),
            heads=self._heads(),
            pages=pages,
            foot=words.foot if self._port else words.zone_foot,
            sheets=(
                *self._sheets(pages),
                *issue_notes.revision_table(self._values, language),
            ),
            edition=issue.edition if issue else None,
            provisional=issue.provisional if issue else False,
        )
        return replace(report, foot=self._foot(report))

    def _foot(self, report: ReportTree) -> str:
        """Why figures are missing, then how to read the page."""
        return self._language.reasons_line(report) + report.foot

    def _lead(self) -> Run:
        if self._port:
            return lead.port_lead(self._port, self._language)
        return lead.zone_lead(self._zone, self._language) if self._zone else (Words(""),)

    def _heads(self) -> tuple[Head, ...]:
        if self._port:
            return port_heads(self._port, self._language)
        return zone_heads(self._zone, self._language) if self._zone else ()

    def _pages(self) -> tuple[Page, ...]:
        match self._values.period.kind:
            case ReportKind.DAILY:
                return (self._daily(),)
            case ReportKind.WEEKLY:
                return self._weekly()
            case ReportKind.MONTHLY:
                return self._monthly()

    def _daily(self) -> Page:
        port, language = self._port, self._language
        if port is None:
            return (*self.zone_bands(), self._last_band())
        states = () if port.whole else (_full(port_tables.terminal_states(port, language)),)
        return (
            *states,
            _beside(
                (1.42, charts.year_against_plan(port, language)),
                (1, charts.days_as_bars(port, language)),
            ),
            _full(port_tables.terminals(port, language)),
            _beside(
                (1, port_tables.classes(port, language)),
                (1.35, targets(self._values, language)),
            ),
            self._last_band(),
        )

    def _weekly(self) -> tuple[Page, ...]:
        port, language = self._port, self._language
        if port is None:
            return (self._daily(),)
        states = () if port.whole else (_full(port_tables.terminal_states(port, language)),)
        first = (
            *states,
            _full(time_tables.days(port, language, port.period.span)),
            _beside(
                (1.42, charts.year_against_plan(port, language)),
                (1, charts.days_as_bars(port, language)),
            ),
            _full(port_tables.terminals(port, language)),
            _full(highlights(port, language)),
        )
        second = (
            _beside(
                (1, port_tables.classes(port, language)),
                (1.35, targets(self._values, language)),
            ),
            *self.zone_bands(),
            self._last_band(),
        )
        return first, second

    def _monthly(self) -> tuple[Page, ...]:
        port, language = self._port, self._language
        if port is None:
            return (self._daily(),)
        states = () if port.whole else (_full(port_tables.terminal_states(port, language)),)
        first = (
            *states,
            _full(time_tables.months(port, language)),
            _beside(
                (1.42, charts.year_against_plan(port, language)),
                (1, charts.days_as_bars(port, language, port.month)),
            ),
            _beside(
                (1.7, port_tables.terminals(port, language)),
                (1, port_tables.classes(port, language)),
            ),
            _full(highlights(port, language)),
        )
        second = (
            _full(targets(self._values, language)),
            *self.zone_bands(),
            *(_full(block) for block in partners(self._values, language)),
            self._last_band(),
        )
        return first, second

    def zone_bands(self) -> tuple[Band, ...]:
        """Return the tables of the zone, with its targets if there is no port area."""
        zone, language = self._zone, self._language
        if zone is None:
            return ()
        tables = _beside(
            (1.4, zone_tables.stages(zone, language)),
            (1, zone_tables.clusters(zone, self._clusters, language)),
        )
        shown = () if self._port else (_full(targets(self._values, language)),)
        return tables, *shown, _full(zone_tables.met(zone, language))

    def _last_band(self) -> Band:
        language = self._language
        left: list[Block] = [
            notes.alerts(self._values, language),
            *issue_notes.remarks(self._values, language),
            *issue_notes.revision_lines(self._values, language),
        ]
        quality = notes.data_quality_lines(self._port, self._zone, language)
        if self._zone is None:
            return Band(((1.0, tuple(left)), (1.0, (quality,))))
        milestones = notes.project_milestones(self._zone, language)
        return Band(((1.0, (*left, quality)), (1.0, (milestones,))))

    def _sheets(self, pages: tuple[Page, ...]) -> tuple[Table, ...]:
        if self._port is None:
            return ()
        until = self._port.until
        year = Span(date(until.year, 1, 1), self._port.period.last)
        found = (
            time_tables.days(self._port, self._language, year),
            time_tables.months(self._port, self._language),
        )
        shown = {
            band_block.sheet
            for page in pages
            for band in page
            for _, blocks in band.columns
            for band_block in blocks
            if isinstance(band_block, Table)
        }
        return tuple(table for table in found if table.rows and table.sheet not in shown)


def _full(block: Block) -> Band:
    return Band(((1.0, (block,)),))


def _beside(*blocks: tuple[float, Block]) -> Band:
    return Band(tuple((width, (block,)) for width, block in blocks))
