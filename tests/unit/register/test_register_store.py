"""A register that is killed, cut, full or of another release: a clear word, and nothing lost."""

import errno
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from contract.errors import StackError
from contract.settings import Settings
from contract.snapshots import IN_A_FILE, DeadLetter
from contract.wire import encode
from register import catalog
from register.catalog import NAME
from register.columns import SCHEMA
from register.questions import RegisterQuestions
from register.selection import Selection, SummedUnit
from register.store import RegisterStore
from register.version_writer import MOST_FILES
from tests.unit.ledger.records import BOOK, NOW, Raw, moved, retracted, topic

ANEW = "quaymark register rebuild"
FIRST = topic([moved("a"), moved("b", size="45G1")])  # 1.00 + 2.00 TEU
SECOND = topic([retracted("b"), moved("c")], first=2)  # less 2.00, and 1.00 more


class KilledError(BaseException):
    """The process is gone."""


def teu(folder: Path) -> Decimal:
    return RegisterQuestions(folder, BOOK.tz).amount(Selection(), SummedUnit.TEU, None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A register of the first records: 3.00 TEU."""
    folder = tmp_path / "register"
    RegisterStore(folder, BOOK).add({0: FIRST})
    return folder


@pytest.mark.parametrize("place", ["_by_cell", "catalogs.write", "Path.unlink"])
def test_one_that_is_killed_within_an_increment_goes_on_where_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise KilledError

    with monkeypatch.context() as killed:
        killed.setattr(f"register.store.{place}", die)
        with pytest.raises(KilledError):
            RegisterStore(folder, BOOK).add({0: SECOND})
    # the old files are removed once the new ones count
    assert teu(folder) == (2 if place == "Path.unlink" else 3)

    again = RegisterStore(folder, BOOK)
    catalog.remove_unlisted(folder, again.catalog)
    if again.catalog.reached[0] == 2:
        again.add({0: SECOND})

    assert teu(folder) == 2
    listed = {folder / file.path for file in again.catalog.files}
    assert {*folder.glob("*/*/*")} == listed


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"form":', "truncated"),
        (b'{"form":0}', "form 0, but this release reads form 1"),
        (b'{"form":99}', "form 99, but this release reads form 1"),
        (b"\xff", "invalid"),
    ],
)
def test_a_catalog_that_can_not_be_read_says_how_to_make_it_anew(
    folder: Path, text: bytes, says: str
) -> None:
    (folder / NAME).write_bytes(text)

    for opened in (lambda: RegisterStore(folder, BOOK), lambda: teu(folder)):
        with pytest.raises(StackError, match=re.escape(NAME)) as failed:
            opened()
        assert says in str(failed.value)
        assert ANEW in str(failed.value)

    catalog.discard(folder)
    RegisterStore(folder, BOOK).add({0: FIRST})
    assert teu(folder) == 3


def test_a_file_that_is_cut_or_gone_is_told(folder: Path) -> None:
    [path] = folder.glob("*/*/*.parquet")
    whole = path.read_bytes()

    for damaged in (whole[:-100], b"", None):
        path.unlink(missing_ok=True)
        if damaged is not None:
            path.write_bytes(damaged)
        for asked in (lambda: teu(folder), lambda: RegisterStore(folder, BOOK).add({0: SECOND})):
            with pytest.raises(StackError, match=ANEW):
                asked()


@pytest.mark.parametrize(
    ("code", "mended"),
    [
        (errno.ENOSPC, "make room"),
        (errno.EROFS, "let this user write there"),
        (errno.EACCES, "let this user write there"),
    ],
)
def test_a_disk_that_takes_nothing_more_leaves_the_register_as_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, mended: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(code, errno.errorcode[code])

    with monkeypatch.context() as disk:
        disk.setattr("register.version_writer.pq.write_table", full)
        with pytest.raises(
            StackError, match=f"{errno.errorcode[code]}; {mended}, .* it goes on where it was"
        ):
            RegisterStore(folder, BOOK).add({0: SECOND})
    assert teu(folder) == 3

    RegisterStore(folder, BOOK).add({0: SECOND})
    assert teu(folder) == 2


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(StackError, match="file/register: Not a directory"),
        catalog.locked(tmp_path / "file" / "register", print),
    ):
        pass


def test_who_may_only_read_the_register_is_told_how_to_ask_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a volume that is mounted to be read, as the web page has it in containers
    def read_only(*_: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "open", read_only)
    with (
        pytest.raises(StackError, match="Read-only file system; what is asked with --no-update"),
        catalog.locked(folder, print),
    ):
        pass


def test_a_register_of_another_cluster_is_refused(folder: Path) -> None:
    one = RegisterStore(folder, BOOK)
    one.begin("one")
    one.add({0: SECOND})

    with pytest.raises(StackError, match=f"cluster one, but this is cluster two; .*{ANEW}"):
        RegisterStore(folder, BOOK).begin("two")


def test_many_small_increments_become_one_file_of_a_cell(folder: Path) -> None:
    of_one_month = [moved(f"n{number}") for number in range(20)]

    for record in topic(of_one_month, first=2):
        RegisterStore(folder, BOOK).add({0: [record]})

    assert len(RegisterStore(folder, BOOK).catalog.files) <= MOST_FILES
    assert teu(folder) == 23


def test_a_large_file_is_not_written_again_for_small_ones(folder: Path) -> None:
    RegisterStore(folder, BOOK).add({0: topic([moved(f"m{n}") for n in range(40)], first=2)})
    large = max(catalog.read(folder).files, key=lambda file: file.rows)

    for record in topic([moved(f"n{number}") for number in range(3)], first=42):
        RegisterStore(folder, BOOK).add({0: [record]})

    # 2 + 3 rows beside 40: the small ones became one file, and the large one is as it was
    assert large in catalog.read(folder).files
    assert teu(folder) == 46


def test_a_register_that_is_made_compact_has_one_file_of_each_cell(folder: Path) -> None:
    RegisterStore(folder, BOOK).add({0: SECOND})
    before = catalog.read(folder)

    RegisterStore(folder, BOOK).compact()

    after = catalog.read(folder)
    assert len(after.files) == len({file.cell for file in before.files}) < len(before.files)
    assert (after.rows, after.reached) == (before.rows, before.reached)
    assert {*folder.glob("*/*/*")} == {folder / file.path for file in after.files}
    assert teu(folder) == 2


def test_a_record_is_known_from_when_it_came_not_from_when_it_is_judged(folder: Path) -> None:
    old = FIRST[0].timestamp - 86_400_000
    sent_again = (("quaymark-attempt", b"2"), ("quaymark-sent-again", b"%d" % (old + 90_000_000)))
    history = Raw(2, encode(moved("h")), old)
    retried = Raw(3, encode(moved("r")), old, sent_again)

    RegisterStore(folder, BOOK).add({0: [history, retried]})

    [first], [second] = (
        RegisterQuestions(folder, BOOK.tz).find("event_id", name) for name in ("h", "r")
    )
    assert first["known_from"].timestamp() * 1000 == FIRST[0].timestamp  # no earlier than before
    assert second["known_from"].timestamp() * 1000 == old + 90_000_000  # 25 hours after `old`
    assert second["attempt"] == 2


def letter(offset: int, topic: str, value: bytes, origin: str) -> Raw:
    refused = DeadLetter(topic, -1, -1, "bad_value", "line 7: no", value, origin=origin, at=NOW)
    return Raw(offset, encode(refused))


def test_what_was_refused_in_a_file_names_it_and_its_box(folder: Path) -> None:
    partner = BOOK.partner[0].name if BOOK.partner else None
    place = f"/inbox/{partner}/a: b.csv: line 7"

    RegisterStore(folder, BOOK).add(
        {},
        [
            letter(4, IN_A_FILE, b"DISC;csqu3054383;22G1", place),
            letter(5, "port.moves.raw", b"CSQU3054383", ""),  # it is a row of its own already
            Raw(6, b"no dead letter"),
        ],
    )

    [found] = RegisterQuestions(folder, BOOK.tz).find("container", "CSQU3054383")[2:]
    assert (found["state"], found["reason"], found["offset"]) == ("refused", "bad_value", 4)
    assert (found["file"], found["line"]) == (f"/inbox/{partner}/a: b.csv", "line 7")
    assert found["partner"] == partner
    assert RegisterStore(folder, BOOK).catalog.reached_rejected == 7


def test_the_files_have_the_columns_that_the_docs_list(folder: Path) -> None:
    [path] = folder.glob("*/*/*.parquet")

    assert pq.read_schema(path).equals(SCHEMA)


def test_a_replay_run_has_a_register_of_its_own() -> None:
    live, run = Settings(folder="q"), Settings(folder="q", run="y2019")

    assert (live.register_folder, run.register_folder) == ("q/register", "q/run.y2019.register")


def test_files_that_may_not_be_read_are_named_and_nothing_is_made_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = next(folder.glob("terminal=*/month=*"))
    next(month.glob("*.parquet")).unlink()  # as it is for one who may not look into its folder
    monkeypatch.setattr("os.access", lambda path, mode: path != month)
    with pytest.raises(StackError, match=f"{re.escape(str(month))}: Permission denied") as told:
        teu(folder)
    assert ANEW not in str(told.value)


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "a\\1'b [c]*"
    RegisterStore(folder, BOOK).add({0: FIRST})
    RegisterStore(folder, BOOK).add({0: SECOND})
    assert teu(folder) == 2  # 3.00 less 2.00 retracted, and 1.00 more


def test_a_dead_letter_of_a_strange_time_and_number_of_attempts_stops_nothing(
    folder: Path,
) -> None:
    letter = DeadLetter(
        topic=IN_A_FILE,
        partition=-1,
        offset=-1,
        reason="undecodable",
        error="not JSON",
        value=b"{",
        key=b"moves",
        at=NOW,
        origin="a.csv: line 1",
        attempts=1_000_000,
    )
    RegisterStore(folder, BOOK).add({}, [Raw(0, encode(letter), 1 << 60)])
    [found] = RegisterQuestions(folder, BOOK.tz).standing_records(
        Selection(state="refused"), datetime.max.replace(tzinfo=UTC)
    )
    assert (found["attempt"], found["file"], found["line"]) == (32_767, "a.csv", "line 1")
