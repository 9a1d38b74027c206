"""The targets that ship, those of the page, and what `quaymark targets show` says of one."""

import csv
import importlib
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from rich.console import Console

from contract.book import read_book
from contract.errors import Misconfigured
from contract.events import Target, TargetSet
from contract.settings import Settings
from stack.context import CommandContext
from stack.status.exposition import Exposition
from stack.status.target_table import HEADS, TargetTrail, history, rows, wanted

ROOT = Path(__file__).parents[4]
BOOK = read_book((ROOT / "quaymark.toml").read_text("utf-8"), "quaymark.toml")
SHIPPED = wanted(Settings(targets=str(ROOT / "targets.toml")), BOOK)
TEU = SHIPPED[0]
LABELS = 'owner="tonghai",target="annual-teu",period="2026"'
SHANGHAI = ZoneInfo("Asia/Shanghai")


def set_by(who: str, day: int, target: Target) -> TargetSet:
    at = datetime(2026, 3, day, 20, tzinfo=UTC)  # in Shanghai the next day
    return TargetSet(
        specversion="1.0",
        id=f"{day}",
        source=f"/quaymark/targets/{who}",
        time=at,
        recordedtime=at,
        data=target,
    )


def read(text: str, tmp_path: Path) -> tuple[Target, ...]:
    file = tmp_path / "t.toml"
    file.write_text(text, "utf-8")
    return wanted(Settings(targets=str(file)), BOOK)


def test_what_ships_is_what_the_zone_is_judged_by() -> None:
    goals = {(one.target, one.period): one.value for one in SHIPPED}

    assert {goals["annual-teu", year] for year in ("2019", "2020", "2026")} == {1_100_000}
    assert goals["national-rank", "2024/2026"] == 40
    assert goals["firms-served", "2026"] == 210
    assert goals["projects-signed", "2016/2019"] == 130
    halves = [one for one in SHIPPED if one.target.startswith("half-of-")]
    assert [(one.value, one.period) for one in halves] == [(Decimal(50), "2025/2027")] * 4
    assert [one.target for one in SHIPPED if one.direction == "at_most"] == ["national-rank"]


def test_the_figures_that_ship_have_the_indicators_of_the_targets_that_ship() -> None:
    with (ROOT / "producers/data/zone_figures.csv").open(encoding="utf-8") as stream:
        published = {
            (row["indicator"], row["scope"], row["unit"]) for row in csv.DictReader(stream)
        }
    asked = {
        (one.labels["indicator"], one.labels["scope"], one.unit)
        for one in SHIPPED
        if one.measures == "indicator_value"
    }

    assert len(asked) == 6
    assert asked <= published


def test_the_target_of_the_page_is_one(tmp_path: Path) -> None:
    page = (ROOT / "docs/targets.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)

    (target,) = read(example, tmp_path)

    assert target.key == "haimen|half-of-gdp|2025/2027"
    columns = set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))
    assert columns < set(Target.__struct_fields__)


def test_a_kpi_or_label_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    text = (ROOT / "targets.toml").read_text("utf-8")

    with pytest.raises(Misconfigured) as caught:
        read(text.replace('"100M"', '"100m"'), tmp_path)

    first, second = str(caught.value).splitlines()
    assert first == f"{tmp_path}/t.toml:38: '100m' is no tier; did you mean 100M?"
    assert second.startswith(f"{tmp_path}/t.toml:53: ")


def test_a_target_is_shown_with_its_figures() -> None:
    samples = Exposition(
        "".join(
            f"target_{name}{{{LABELS}{more}}} {value}\n"
            for name, more, value in (
                ("current_value", "", 955_813),
                ("planned_to_date_value", "", 992_100.4),
                ("pace_ratio", "", 0.9634),
                ("gap_value", "", 36_287),
                ("forecast_value", "", 1_059_837),
                ("forecast_bound_value", ',level="0.80",bound="lower"', 1_040_000),
                ("forecast_bound_value", ',level="0.80",bound="upper"', 1_080_000),
                ("required_per_day_value", "", 3_897),
                ("status_code", "", 2),
            )
        )
    )

    (row,) = rows(TargetTrail((set_by("anna", 1, TEU),)), samples, BOOK)

    assert dict(zip(HEADS, row, strict=True)) == {
        "target": "1.1 million TEU a year",
        "of": "tonghai",
        "period": "2026",
        "now": "955,813",
        "goal": "1,100,000 TEU",
        "planned": "992,100",
        "pace": "96.3%",
        "behind by": "36,287",
        "forecast": "1,059,837 (1,040,000 to 1,080,000)",
        "a day": "3,897",
        "status": "behind",
        "reached": "–",
        "set": "2026-03-02 anna",
    }


def test_without_a_worker_what_stands_is_shown_alone() -> None:
    withdrawn = set_by("anna", 2, replace(SHIPPED[3], withdrawn=True))

    (row,) = rows(TargetTrail((set_by("anna", 1, TEU), withdrawn)), Exposition(""), BOOK)

    assert row[3:5] == ("–", "1,100,000 TEU")


def test_the_trail_says_when_by_whom_and_to_what() -> None:
    raised = replace(TEU, value=Decimal(1_200_000))
    trail = TargetTrail(
        (
            set_by("anna", 1, TEU),
            set_by("ben", 2, raised),
            set_by("anna", 3, replace(raised, withdrawn=True)),
        )
    )

    assert list(history(trail, SHANGHAI)) == [
        "2026-03-02  anna          tonghai|annual-teu|2026: 1,100,000 TEU",
        "2026-03-03  ben           tonghai|annual-teu|2026: 1,200,000 TEU",
        "2026-03-04  anna          tonghai|annual-teu|2026: withdrawn",
    ]


def test_in_a_pipe_no_cell_of_the_table_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    verb = importlib.import_module("stack.verbs.targets")  # its package exports a command so named
    trail = TargetTrail((set_by("office", 4, TEU),))
    monkeypatch.setattr(verb, "_refuse_no_kafka", lambda _: None)
    monkeypatch.setattr(verb, "live_exposition", lambda _: "")
    monkeypatch.setattr(verb.target_table, "trail", lambda _: trail)
    console = Console(file=io.StringIO(), width=80)  # as wide as Rich takes a pipe to be
    settings = Settings(book=str(ROOT / "quaymark.toml"))
    context = CommandContext(settings, {}, console, lambda: datetime(2026, 3, 5, tzinfo=UTC))

    with console.capture() as printed:
        verb.show.main(["--"], obj=context, standalone_mode=False)

    heads, row = printed.get().splitlines()
    assert heads.split("  ")[0] == "target"
    assert all(head in heads for head in HEADS)
    assert row.rstrip().endswith("2026-03-05 office")
