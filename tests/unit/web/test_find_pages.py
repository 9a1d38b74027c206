"""The pages that say what became of a box, a ship, a voyage, a document or an event."""

import re
from html import unescape
from pathlib import Path

import pytest

from contract.snapshots import IN_A_FILE, DeadLetter
from contract.wire import encode
from register.store import RegisterStore
from tests.unit.ledger.records import BOOK, Raw, moved, retracted, topic
from tests.unit.web.test_figure_pages import LATER, Got, get, places
from web.pages.page_tables import MOST_SHOWN

BOX = "CSQU3054383"  # ISO 6346's own example


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A box that is loaded, amended a day later from 20 to 40 ft, and refused at an unknown place.

    A line of a file that names it was refused, too; and there are 201 boxes without a number.
    """
    folder = tmp_path_factory.mktemp("register")
    store = RegisterStore(folder, BOOK)
    many = [moved(f"m{number}", number="<i>") for number in range(MOST_SHOWN + 1)]
    store.add({0: topic([moved("a"), moved("x", terminal="THX"), *many])})
    amended = moved("a", size="45G1", recorded="2026-03-11T09:00:00+08:00")
    repeated = moved("a", size="L5G1")  # as old as the first, and later
    letter = DeadLetter(
        topic=IN_A_FILE,
        partition=0,
        offset=0,
        reason="unknown_code",
        error="move: LIFTED is no move",
        value=f"LIFTED,{BOX}".encode(),
        origin="east.csv: line 4",
    )
    refused = Raw(0, encode(letter), round(LATER.timestamp() * 1000))
    store.add({0: topic([amended, repeated], first=2 + len(many), received=LATER)}, [refused])
    return folder


def test_a_withdrawn_box_shows_the_record_that_withdrew_it(tmp_path: Path) -> None:
    RegisterStore(tmp_path, BOOK).add(
        {0: topic([moved("a"), moved("b", number="HMGU4874457"), retracted("a")])}
    )

    found = get(tmp_path, f"/find?lang=en&sought={BOX}").text

    assert f"{BOX}: 2 records, of which 0 count now" in found
    assert places(found) == [0, 2]
    assert ">container</th>" not in found  # the title says it


def test_a_box_shows_every_record_of_it_in_order(folder: Path) -> None:
    found = get(folder, f"/find?lang=en&sought={BOX}")

    # of five records one counts: one is replaced, one repeats the replaced one, two are refused
    assert f"{BOX}: 5 records, of which 1 count now" in found.text
    assert places(found.text) == [0, 1, MOST_SHOWN + 3, MOST_SHOWN + 4]
    assert "east.csv: line 4" in found.text
    assert "unknown terminal" in found.text
    assert "unknown code" in found.text
    # the replaced one stood from noon of 10 March until noon of the 11th
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", found.text)
    [replaced] = [row for row in rows if "port.moves.raw/0/0" in row]
    assert re.findall(r"2026-03-1[01] 12:00:00", replaced) == [
        "2026-03-10 12:00:00",
        "2026-03-11 12:00:00",
    ]
    assert found.text.count('<tr class="muted">') == 4
    [repeat] = [row for row in rows if f"port.moves.raw/0/{MOST_SHOWN + 4}" in row]
    assert "never stood" in repeat
    assert '<abbr title="move: LIFTED is no move">unknown code</abbr>' in found.text


def test_a_number_is_found_as_people_write_it(folder: Path) -> None:
    written = get(folder, "/find?lang=en&by=container&sought=+csqu%20305438-3")

    assert "5 records, of which 1 count now" in written.text


def test_the_page_speaks_chinese(folder: Path) -> None:
    found = get(folder, f"/find?lang=zh&sought={BOX}").text

    assert f"{BOX}：5 条记录，现有 1 条计入" in found
    assert "未知码头" in found
    assert "搁置" in found
    assert "没有箱号 CSQU3054384 的记录。校验码不符：按 ISO 6346 应为 3。" in (
        get(folder, "/find?lang=zh&sought=CSQU3054384").text
    )


def test_the_form_needs_no_script_and_keeps_what_was_asked(folder: Path) -> None:
    found = get(folder, "/find?lang=en&dark=1&by=event_id&sought=a")

    assert '<form class="find" action="/find" method="get"' in found.text
    assert '<option value="event_id" selected="selected">' in found.text
    assert '<input type="search" name="sought" value="a"' in found.text
    assert '<input type="hidden" name="dark" value="1">' in found.text
    assert "form-action 'self'" in found.headers["Content-Security-Policy"]
    assert "<script" not in found.text
    assert '<form class="find"' in get(folder, "/explain?lang=en").text


def test_a_box_on_the_page_of_a_figure_leads_to_its_records(folder: Path) -> None:
    figure = get(folder, "/explain?lang=en&period=2026-03-01&records=1&reason=unknown_terminal")

    [address] = {
        unescape(one) for one in re.findall(r'href="(/find[^"]*sought[^"]*)"', figure.text)
    }
    assert "5 records, of which 1 count now" in get(folder, unescape(address)).text


def test_a_file_has_all_records_and_their_errors(folder: Path) -> None:
    page = get(folder, f"/find?lang=en&sought={BOX}").text
    [address] = re.findall(r'href="(/find\.csv[^"]*)"', page)
    found = get(folder, unescape(address))

    assert found.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert found.headers["Content-Disposition"] == f'attachment; filename="container-{BOX}.csv"'
    lines = found.text.lstrip("\ufeff").splitlines()
    assert len(lines) == 6
    assert "move: LIFTED is no move" in found.text


def test_of_many_records_the_first_are_shown_and_a_file_has_all(folder: Path) -> None:
    asked = "lang=en&by=container&sought=%3Ci%3E"
    found = get(folder, f"/find?{asked}")

    assert f"&lt;i&gt;: more than {MOST_SHOWN} records" in found.text
    assert found.text.count("port.moves.raw/0/") == MOST_SHOWN
    assert f"These are the first {MOST_SHOWN}" in found.text
    file = get(folder, f"/find.csv?{asked}")
    assert len(file.text.splitlines()) == MOST_SHOWN + 2
    assert file.headers["Content-Disposition"] == 'attachment; filename="container--i-.csv"'


def test_what_nobody_knows_is_not_found(folder: Path) -> None:
    for by, what in (
        ("container", "container"),
        ("vessel", "ship"),
        ("voyage", "voyage"),
        ("document", "document"),
        ("event_id", "event id"),
    ):
        page = get(folder, f"/find?lang=en&by={by}&sought=nobody")
        assert (page.status, f"No record of {what} nobody is known." in page.text) == (404, True)
        file = get(folder, f"/find.csv?by={by}&sought=nobody")
        assert (file.status, "no record of" in file.text) == (404, True)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("by=ship&sought=x", "by=ship: expected one of container, vessel"),
        (f"sought={'x' * 257}", "sought has 257 characters, at most 256"),
        ("sought=x&sought=y", "sought is given more than once"),
        ("container=x", "container: expected some of by, sought"),
    ],
)
def test_what_can_not_be_sought_is_told(folder: Path, query: str, says: str) -> None:
    for path in ("/find", "/find.csv"):
        found = get(folder, f"{path}?{query}")
        assert (found.status, says in found.text) == (400, True)


def test_nothing_is_sought_without_a_word(folder: Path) -> None:
    page: Got = get(folder, "/find?lang=en&sought=+")

    assert (page.status, "<table" in page.text) == (200, False)
    assert get(folder, "/find.csv").status == 400


@pytest.mark.parametrize(
    "odd", ["%00", "%FF%FE", "'; DROP TABLE versions", "$sought", "\\", "%25"]
)
def test_odd_characters_break_nothing(folder: Path, odd: str) -> None:
    for by in ("container", "vessel"):
        assert get(folder, f"/find?lang=en&by={by}&sought={odd}").status in (200, 404)


def test_a_register_that_is_not_there_or_damaged_is_told(tmp_path: Path) -> None:
    assert "holds no record yet" in get(tmp_path, "/find?lang=en&sought=x").text

    (tmp_path / "catalog.json").write_bytes(b"{")
    found = get(tmp_path, "/find?lang=en&sought=x").text
    assert 'role="alert"' in found
    assert "The register can't be read: " in found
    assert "quaymark register rebuild" in found
    assert "登记册无法读取：" in get(tmp_path, "/find?lang=zh&sought=x").text
