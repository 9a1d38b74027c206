"""A port without a zone, and a zone without a port: what is not there is nowhere to be seen."""

import json

import msgspec
import pytest
import yaml

from contract.book import Book, read_book
from contract.errors import Misconfigured, Reason, Rejected
from contract.events import Target
from contract.settings import Settings
from kpis.target.measures import measure_of
from reports.measuring.report_values import Owners
from stack.render import local_files
from stack.reporting.report_making import chosen
from stack.status.exposition import Exposition
from stack.status.headline import sections
from tests.unit.producers.imported import BOOK, NOW

PORT_ONLY = msgspec.structs.replace(BOOK, zone=None)
ZONE_ONLY = msgspec.structs.replace(BOOK, area=(), partner=())


def boards_and_alerts(book: Book) -> tuple[set[str], set[str]]:
    """Names of the English boards, and of all alerts, that `quaymark up` writes for a book."""
    files = local_files(Settings(), book)
    boards = {path.rpartition("/")[2] for path in files if "dashboards/en/" in path}
    (group,) = yaml.safe_load(files["prometheus/rules/alerts.yml"])["groups"]
    return boards, {rule["alert"] for rule in group["rules"]}


def test_a_port_without_a_zone_has_no_board_and_no_alert_of_projects() -> None:
    boards, alerts = boards_and_alerts(PORT_ONLY)
    assert boards == {"port.json", "targets.json", "pipeline.json"}
    assert "MilestoneLate" not in alerts
    assert {"NoEvents", "WorkerAbsent"} <= alerts


def test_a_zone_without_a_port_has_no_board_and_no_alert_of_moves() -> None:
    boards, alerts = boards_and_alerts(ZONE_ONLY)
    assert boards == {"projects.json", "targets.json", "pipeline.json"}
    assert not {"NoEvents", "NoEventsAtAll"} & alerts
    assert {"MilestoneLate", "WorkerAbsent"} <= alerts


@pytest.mark.parametrize(("book", "absent"), [(PORT_ONLY, "projects"), (ZONE_ONLY, "port")])
def test_no_board_links_to_one_that_is_absent(book: Book, absent: str) -> None:
    files = local_files(Settings(), book)
    assert not [path for path, text in files.items() if f"/d/quaymark-{absent}-" in text]


def test_the_status_leaves_out_what_is_not_there() -> None:
    empty = Exposition("")
    areas = [f"{area.name.en} {NOW.year}" for area in BOOK.area]
    zone = BOOK.described_zone().name.en
    assert [one.title for one in sections(empty, PORT_ONLY, NOW)] == [*areas, "Pipeline"]
    assert [one.title for one in sections(empty, ZONE_ONLY, NOW)] == [zone, "Pipeline"]
    # facts are of moves
    assert [
        dict(list(sections(empty, book, NOW))[-1].rows) for book in (PORT_ONLY, ZONE_ONLY)
    ] == [
        {"facts in the books": "–"},
        {},
    ]


def test_the_pipeline_board_of_a_zone_without_a_port_has_no_facts_of_moves() -> None:
    def panels(book: Book) -> dict[str, tuple[int, int]]:
        """Title -> first grid row and the one below, of the panels outside of collapsed rows."""
        board = json.loads(local_files(Settings(), book)["grafana/dashboards/en/pipeline.json"])
        places = {one["title"]: one["gridPos"] for one in board["panels"]}
        return {title: (at["y"], at["y"] + at["h"]) for title, at in places.items()}

    facts = "Facts by partition, and its worker"
    whole, zone = panels(BOOK), panels(ZONE_ONLY)
    assert facts in whole
    assert whole.keys() - zone.keys() == {facts}
    for shown in (whole, zone):  # no gap: each row of panels begins where others end
        assert {begin for begin, _ in shown.values()} <= {0, *(end for _, end in shown.values())}


def test_a_target_of_what_is_not_there_names_the_owners_that_are() -> None:
    target = msgspec.convert(
        {
            "owner": BOOK.described_zone().code,
            "target": "t",
            "name": {"zh": "一", "en": "t"},
            "measures": "project_signed_projects",
            "period": "2026",
            "value": 36,
            "unit": "projects",
        },
        Target,
    )
    with pytest.raises(Rejected) as refused:
        measure_of(target, PORT_ONLY)
    assert refused.value.reason is Reason.BAD_VALUE
    assert BOOK.area[0].code in refused.value.message


def test_a_book_of_nothing_is_refused() -> None:
    with pytest.raises(Misconfigured, match=r"neither an \[\[area\]\] nor a \[zone\]"):
        read_book('[port]\ntime_zone = "UTC"\n', "quaymark.toml")


def test_a_port_area_needs_the_place_of_the_port() -> None:
    text = """[port]
time_zone = "UTC"
[[area]]
code = "a"
name = { zh = "一", en = "a" }
[[area.terminal]]
code = "t"
name = { zh = "一", en = "t" }
"""
    with pytest.raises(Misconfigured, match=r"port\.un_location_code is missing"):
        read_book(text, "quaymark.toml")


def test_a_report_is_of_what_is_there() -> None:
    assert chosen(PORT_ONLY, ()) == Owners(BOOK.area[0], None)
    assert chosen(ZONE_ONLY, ()) == Owners(None, BOOK.zone)
    with pytest.raises(Misconfigured, match="not in the port's book"):
        chosen(PORT_ONLY, (BOOK.described_zone().code,))
