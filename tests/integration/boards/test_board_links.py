"""A click on a board: each link, filled as Grafana fills it, opens the figure that it is on."""

import json
import os
import re
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any, NamedTuple

import pytest

from broker.admin import create_topics
from broker.connection import Connection
from contract.alerting import WEB
from contract.events import ContainerMoved, EquipmentEvent
from contract.topics import TOPICS
from dashboards.provisioning import GrafanaSite, render
from stack.locales import languages
from tests.integration.boards.test_alerting import send_events, target
from tests.integration.support.alert_chain import ReceivedAlerts, watched
from tests.integration.support.boards.grafana_links import BoardSession, ShownLink
from tests.integration.support.boards.seeded_prometheus import BOOK
from tests.integration.support.commands import ok, run
from tests.integration.support.every_topic import delete_all_topics
from tests.integration.support.figures import teu_by_area
from tests.integration.support.ports import free_port
from tests.integration.support.running_broker import RunningBroker
from tests.integration.support.workers import (
    Running,
    as_records,
    becomes,
    move,
    send,
    start_worker,
    until,
    worker,
)

pytestmark = pytest.mark.kafka

AREA = "tonghai"
MINUTES = timedelta(minutes=10)
NO_WORD = re.compile(r"[^0-9.+-]")


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # a test is a door


def moves(noon: datetime) -> Iterator[ContainerMoved]:
    """At THE 20, 40 and 45 ft, THC 40 ft empty, THW one without a size; a day before THE 20 ft.

    So of two days THE 1.00 + 2.00 + 2.25 + 1.00 = 6.25 TEU, THC 2.00, THW 0.  Each terminal has a
    box in and a box out of its gate; one more move is of no terminal of the port.
    """
    sizes = (("THE", "22G1"), ("THE", "45G1"), ("THE", "L5G1"), ("THC", "42G1"), ("THW", "0000"))
    for number, (terminal, size) in enumerate(sizes):
        fill = {"emptyIndicatorCode": "EMPTY"} if terminal == "THC" else {}
        loaded = {"equipmentEventTypeCode": EquipmentEvent.LOAD} if number % 2 else {}
        yield move(number, terminal, size, noon, **fill, **loaded)
    yield move(10, "THE", "22G1", noon - timedelta(1))
    yield move(11, "THX", "22G1", noon)
    for number, terminal in enumerate(("THE", "THC", "THW")):
        for way in (EquipmentEvent.GTIN, EquipmentEvent.GTOT):
            serial = 20 + 2 * number + (way is EquipmentEvent.GTIN)
            yield move(serial, terminal, "22G1", noon, equipmentEventTypeCode=way)


class Site(NamedTuple):
    """A worker's figures in Prometheus, and the web page over the register of the same moves."""

    received: ReceivedAlerts
    web: Running
    year: int

    @property
    def prometheus(self) -> str:
        return f"http://127.0.0.1:{self.received.prometheus_port}"

    def session(self, name: str, lang: Any) -> BoardSession:
        """A board as it opens, once its newest samples are there."""
        site = GrafanaSite(web=f"http://127.0.0.1:{self.web.port}")
        board = json.loads(
            render(BOOK, languages((lang,)), site)[f"dashboards/{lang}/{name}.json"]
        )
        at, year = now(), self.year
        span = {
            "port": (
                datetime(year, 1, 1, tzinfo=BOOK.tz),
                datetime(year, 12, 31, 23, 59, 59, tzinfo=BOOK.tz),
            ),
            "pipeline": (at - timedelta(hours=6), at),
        }
        variables = {"port_area": AREA, "year": str(year), "run": "^$", "newest": "0"}
        address = self.prometheus
        return BoardSession(address, board, at, span[name], variables | {"terminal": ".*"})

    def links(self, name: str, lang: str) -> list[ShownLink]:
        return list(self.session(name, lang).shown_links())

    def lead(self, address: str) -> tuple[float, float, str]:
        """The TEU, or the difference of TEU, and the moves that a page names; and the page."""
        with urllib.request.urlopen(address, timeout=30) as answer:
            page = unescape(answer.read().decode())
        assert 'role="alert"' not in page, address
        said = re.search(r'class="lead"><b>([^<]*)</b>', page)
        if not said:
            return 0.0, 0.0, page  # "Nothing is booked here"
        found = re.findall(r"[+-]?[0-9][0-9,.]*", said[1])
        numbers = [float(NO_WORD.sub("", one)) for one in found]
        return numbers[0], numbers[-1], page


@pytest.fixture(scope="module")
def site(broker: RunningBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    connection = Connection(broker.bootstrap)
    delete_all_topics(connection)
    create_topics(connection, TOPICS)
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    today = now().astimezone(BOOK.tz)
    if today.timetuple().tm_yday <= 2:
        pytest.skip("the moves of three days would be of two years")
    noon = datetime.combine(today - timedelta(1), time(12), BOOK.tz)
    environ = {
        **os.environ,  # noqa: TID251  # a child needs PATH and HOME
        "QUAYMARK_KAFKA": broker.bootstrap,
        "QUAYMARK_FOLDER": str(folder),
    }
    with worker(broker.bootstrap, folder, port) as one, watched(folder, port) as received:
        send(broker.bootstrap, as_records(moves(noon)))
        send_events(broker.bootstrap, target(1_100_000, today.year, now()))
        expected = {(AREA, "THE"): 6.25, (AREA, "THC"): 2.0}
        becomes("all moves are booked", lambda: teu_by_area(one), expected)
        ok(run(environ, "register", "update"))
        web_port = free_port()
        ports = {"web_port": str(web_port), "metrics_port": str(port), "forecast_minutes": "0"}
        ports["prometheus_port"] = str(received.prometheus_port)
        web = start_worker(broker.bootstrap, folder, free_port(), ("-m", "web"), **ports)
        web.port = web_port
        try:
            until("the page has figures", lambda: web.get("/healthz") == "fresh\n")
            found = Site(received, web, today.year)
            until("the board shows them", lambda: quay_moves(found) == (4, 1, 1))
            # the board knows to the minute when the last move happened
            begun = now().replace(second=0, microsecond=0) + timedelta(minutes=1)
            until("the next minute", lambda: now() > begun)
            send(broker.bootstrap, as_records([move(30, "THE", "22G1", now())]))
            until("and one more at THE", lambda: quay_moves(found) == (5, 1, 1))
            ok(run(environ, "register", "update"))
            yield found
        finally:
            web.kill()


def quay_moves(site: Site) -> tuple[float | None, ...]:
    """The moves over the quay that the board shows of THE, THC and THW."""
    shown = {one.place: one.value for one in site.links("port", "en")}
    return tuple(shown.get(f"{terminal}, Quay") for terminal in ("THE", "THC", "THW"))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("board", ["port", "pipeline"])
def test_every_link_of_a_board_is_answered_and_none_has_a_place_left_empty(
    site: Site, board: str, lang: str
) -> None:
    links = site.links(board, lang)

    assert len(links) >= {"port": 65, "pipeline": 2}[board]
    for one in links:
        assert "$" not in one.address
        _, _, page = site.lead(one.address)
        assert "<title>" in page


def test_the_page_shows_the_number_of_the_board_to_the_hundredth(site: Site) -> None:
    links = site.links("port", "en")
    ytd = next(one.value for one in links if one.place == "Handled, TEU")
    assert ytd is not None
    compared: dict[str, tuple[float, float]] = {}
    for one in links:
        teu, moved, _ = site.lead(one.address)
        heading = one.place.rpartition(", ")[2]
        if one.value is None or one.title.startswith("What changed"):
            continue
        if one.place in ("Handled, TEU", "Month, TEU") or heading in ("TEU", "Last day"):
            compared[f"{one.panel}: {one.place}"] = one.value, teu
        elif heading in ("Share", "This year"):
            compared[f"{one.panel}: {one.place}"] = one.value * ytd, teu
        elif heading in ("Quay", "Gate in", "Gate out", "No size"):
            compared[f"{one.panel}: {one.place}"] = one.value, moved

    # figures 2; terminals 3 x (TEU, share, last day); classes 7 of 8, as none is transhipped;
    # terminals 3 x 4 numbers of moves, of which two have none without a size
    assert len(compared) >= 2 + 9 + 7 + 10
    assert {name: shown for name, (shown, _) in compared.items()} == pytest.approx(
        {name: page for name, (_, page) in compared.items()}, abs=0.005
    )
    # by hand: 6.25 + 2.00 + 1.00
    assert ytd == 9.25
    assert compared["Terminals: THE, Last day"] == (5.25, 5.25)
    assert compared["Moves since 1 January: THW, Gate in"] == (1.0, 1.0)


def test_a_reason_opens_the_records_that_were_rejected_for_it(site: Site) -> None:
    links = site.links("pipeline", "en")
    word, number = (one for one in links if one.place.startswith("unknown_terminal"))

    assert number.value == 1
    for one in (word, number):
        records, _, page = site.lead(one.address)
        assert records == 1
        assert "THX" in page


def test_a_point_opens_its_year_as_known_then_and_what_changed_it(site: Site) -> None:
    def last_point() -> list[ShownLink]:
        seconds = site.session("port", "en")._replace(step=1.0, span=(now() - MINUTES, now()))
        return [one for one in seconds.shown_links() if one.panel == "TEU since 1 January"]

    points = until("the curve reaches the last move", last_point, 30)
    then, before, day = points

    assert [one.title for one in points] == [
        "TEU of this year, as known then",
        "What changed in the 24 hours before",
        "TEU of this day",
    ]
    # by hand: the curve ends when the last move happened, of which the port did not know then
    assert then.value == 8.25
    assert site.lead(then.address)[0] == 8.25
    assert "0.00 → 8.25 TEU: +8.25" in site.lead(before.address)[2]
    assert site.lead(day.address)[0] == 1.0


def test_an_alert_leads_to_what_changed_in_the_day_before_it(site: Site) -> None:
    behind = until("the alert arrives", lambda: site.received.of("TargetBehind"))

    address = behind["annotations"]["explain_url"]
    old, _, page = site.lead(address.replace(WEB, f"http://127.0.0.1:{site.web.port}"))

    assert old == 0.0
    assert "0.00 → 9.25 TEU: +9.25" in page
