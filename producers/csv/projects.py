"""Projects from CSV: one row for each project, with columns of days for stages and plans."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from contract.errors import Misconfigured, Reason, Rejected
from contract.events import Money, Project, ProjectEvent, Stage
from producers.csv.numbers import day, number
from producers.csv.table import CsvRow, CsvTable, Header, columns
from producers.csv.units import base_unit, plain
from producers.reading.outcome import (
    Accepted,
    File,
    Message,
    Outcomes,
    ReadingTerms,
    Skip,
    Skipped,
    excerpt,
    refusal,
    unread,
)
from producers.reading.project_events import ProjectRecord, ZoneWords, code_of, known_word, money

COLUMNS = {
    "title": ("name", "project name", "项目名称"),
    "title_en": ("english name", "英文名称"),
    "project": ("project id", "项目编号"),
    "amount": ("investment", "投资额", "总投资", "计划总投资", "协议投资额"),
    "currency": ("币种",),
    "rate": ("exchange rate", "汇率"),
    "signed": ("signing date", "签约日期", "签约时间"),
    "cluster": ("industry", "产业集群", "产业", "所属产业"),
    "functional_area": ("area", "功能区", "片区"),
    "park": ("园区",),
    "country": ("investor country", "国别", "投资方国别"),
    "increase": ("增资额", "增资"),
    "increased": ("increase date", "增资日期"),
    "recorded": ("record date", "记录日期"),
}
"""Name of a column -> other headers with the same meaning; amounts have a unit in brackets."""

STAGES = {
    Stage.REGISTERED: ("注册日期", "注册时间"),
    Stage.FILED: ("立项日期", "备案日期", "核准日期"),
    Stage.CONSTRUCTION_START: ("开工日期", "开工时间"),
    Stage.COMPLETED: ("竣工日期", "竣工时间"),
    Stage.IN_PRODUCTION: ("投产日期", "投产时间"),
    Stage.AT_CAPACITY: ("达产日期", "达产时间"),
    Stage.TERMINATED: ("终止日期", "终止时间"),
}
"""Stage -> headers of the day it was reached; with `planned` or 计划 before it, the due day."""

COUNTRIES = {
    "CN": ("中国", "china"),
    "JP": ("日本", "japan"),
    "KR": ("韩国", "korea"),
    "US": ("美国", "usa", "united states"),
    "DE": ("德国", "germany"),
    "FR": ("法国", "france"),
    "GB": ("英国", "uk", "united kingdom"),
    "SG": ("新加坡", "singapore"),
    "HK": ("香港", "hong kong"),
    "TW": ("台湾", "taiwan"),
}
CURRENCIES = {
    "CNY": ("人民币", "rmb", "yuan", "元"),
    "USD": ("美元", "us dollar"),
    "EUR": ("欧元", "euro"),
    "JPY": ("日元", "yen"),
    "HKD": ("港元", "港币"),
}
PLANNED = "planned "  # prefix of a column with the due day of a stage
YUAN = "yuan"
NEEDED = ("title", "amount", "signed")
_BRACKETED = re.compile(r"(.*?)\s*[(\[](.+)[)\]]")


def read(file: File, terms: ReadingTerms) -> Outcomes:
    """Yield the outcomes of a file of projects.

    Raises:
        Misconfigured: a column that every project needs is missing.
    """
    table = CsvTable(file.stream, is_header)
    sheet = _Sheet(table, terms, datetime.fromtimestamp(file.written_at, UTC))
    if missing := [name for name in NEEDED if name not in sheet.at]:
        raise Misconfigured(
            f"{file.name}: no column for {', '.join(missing)} among {', '.join(table.header)}; "
            f"expected such as {', '.join(COLUMNS[name][-1] for name in missing)}"
        )
    yield Message(table.at)
    yield from table.above
    yield from unread(table.at, table.header, sheet.at.values())
    for row in table.rows():
        if not isinstance(row, CsvRow):
            yield row
            continue
        if not row.cells[sheet.at["signed"]]:
            yield Skipped(row.at, Skip.NOT_SIGNED)
            continue
        yield from sheet.outcomes(row)


def is_header(header: Header) -> bool:
    """Whether a row names the columns that every project needs."""
    return set(NEEDED) <= set(known_headers(header))


def known_headers(header: Header) -> dict[str, str]:
    """Return name of a column -> its header; units in brackets are ignored in the comparison."""
    bare = {_bare(name): name for name in reversed(header)}
    known = COLUMNS | {stage.value: words for stage, words in STAGES.items()}
    for stage, words in STAGES.items():
        plans = (PLANNED + stage, *(f"计划{word}" for word in words))
        known |= {PLANNED + stage: plans}
    return {ours: bare[name] for ours, name in columns(list(bare), known).items()}


def _bare(header: str) -> str:
    found = _BRACKETED.fullmatch(header)
    return found[1] if found else header


class _Sheet:
    """A table of projects whose columns are found by our names."""

    def __init__(self, table: CsvTable, terms: ReadingTerms, written_at: datetime) -> None:
        self.at = known_headers(table.header)
        self._table = table
        self._terms = terms
        self._written_at = written_at
        self._words = ZoneWords.of(terms.book.described_zone())

    def outcomes(self, row: CsvRow) -> Outcomes:
        """Yield the signing of a row, then its stages and plans; without a signing none counts."""
        try:
            project, dossier = self._project(row)
            yield Accepted(row.at, dossier.registered(project))
        except Rejected as rejected:
            yield refusal(row.at, rejected, self._table.original(row))
            return
        for name in self.at:
            if name.removeprefix(PLANNED) in STAGES or name == "increased":
                try:
                    events = self._dated(row, name, dossier)
                except Rejected as rejected:
                    yield refusal(row.at, rejected, self._table.original(row))
                    continue
                yield from (Accepted(f"{row.at}, {self.at[name]}", event) for event in events)

    def _project(self, row: CsvRow) -> tuple[Project, ProjectRecord]:
        title = self._cell(row, "title")
        if not title:
            raise Rejected(Reason.MISSING_FIELD, "the name is missing", where=self.at["title"])
        book = self._terms.book
        code = code_of(self._cell(row, "project") or title)
        park = self._cell(row, "park")
        project = Project(
            zone=book.described_zone().code,
            project=code,
            title=self._cell(row, "title_en") or title,
            signed=self._day(row, "signed"),
            value=self._money(row, "amount"),
            cluster=self._word(row, "cluster", self._terms.cluster, self._words.clusters),
            functional_area=self._word(
                row, "functional_area", self._terms.functional_area, self._words.functional_areas
            ),
            title_zh=title,
            park=known_word(park, self._words.parks, self.at["park"]) if park else None,
            country=self._country(row),
        )
        return project, ProjectRecord(
            book.described_zone().code, code, book.tz, self._recorded(row)
        )

    def _recorded(self, row: CsvRow) -> datetime:
        """Return the recording date of the row, else when the file was written."""
        if not self._cell(row, "recorded"):
            return self._written_at
        on = self._day(row, "recorded")
        return datetime(on.year, on.month, on.day, tzinfo=self._terms.book.tz)

    def _dated(self, row: CsvRow, name: str, dossier: ProjectRecord) -> tuple[ProjectEvent, ...]:
        """Return the events of one column of days; none if its cell is empty."""
        if not self._cell(row, name):
            return ()
        on = self._day(row, name)
        if name == "increased":
            return (dossier.increased(self._money(row, "increase"), on),)
        stage = Stage(name.removeprefix(PLANNED))
        if name.startswith(PLANNED):
            return (dossier.planned(stage.value, stage.value.replace("_", " "), on),)
        reached = dossier.reached(stage, on)
        if self._cell(row, PLANNED + stage):
            return (reached, dossier.met(stage.value, on))
        return (reached,)

    def _money(self, row: CsvRow, name: str) -> Money:
        """Return an amount in its currency; header, column or caller give the unit."""
        if name not in self.at or not self._cell(row, name):
            raise Rejected(
                Reason.MISSING_FIELD, f"the {name} is missing", where=self.at.get(name, "")
            )
        header = self.at[name]
        bracketed = _BRACKETED.fullmatch(header)
        said = bracketed[2] if bracketed else self._terms.unit
        unit, multiple = base_unit(said, header) if said else ("", Decimal(1))
        currency = self._cell(row, "currency")
        if not unit and not currency:
            raise Rejected(
                Reason.MISSING_FIELD,
                "the unit is missing; write it into the header (投资额(亿元)), or use --unit",
                where=header,
            )
        if currency:
            unit = known_word(currency, CURRENCIES, self.at["currency"])
        if unit not in CURRENCIES and unit != YUAN:
            raise Rejected(Reason.UNKNOWN_CODE, f"{excerpt(unit)} is no currency", where=header)
        rate = self._cell(row, "rate")
        amount = number(self._cell(row, name), header, self._table.delimiter) * multiple
        return money(
            plain(amount),
            "CNY" if unit == YUAN else unit,
            number(rate, self.at["rate"], self._table.delimiter) if rate else None,
            header,
        )

    def _word(
        self, row: CsvRow, name: str, otherwise: str | None, words: dict[str, tuple[str, ...]]
    ) -> str:
        text = self._cell(row, name)
        return known_word(text or otherwise or "", words, self.at.get(name, name))

    def _country(self, row: CsvRow) -> str:
        text = self._cell(row, "country")
        if not text:
            return "CN"
        if len(text) == 2 and text.isascii() and text.isalpha():
            return text.upper()
        return known_word(text, COUNTRIES, self.at["country"])

    def _day(self, row: CsvRow, name: str) -> date:
        return day(self._cell(row, name), self.at[name], self._terms.book.tz)

    def _cell(self, row: CsvRow, name: str) -> str:
        return row.cells[self.at[name]] if name in self.at else ""
