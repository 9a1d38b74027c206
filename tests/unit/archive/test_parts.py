"""Files of an archive: no field of a record is lost, no half file counts, damage is named."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from archive import part as parts
from archive.filing import DAY_MS, ArchivedRecord, filed
from archive.manifest import NAME, ArchiveManifest, OffsetSpan, Part, locked
from archive.verify import gaps
from contract.binary_mode import Headers
from contract.errors import StackError

TOPIC = "port.moves.raw"
JULY_1 = int(datetime(2019, 7, 1, tzinfo=UTC).timestamp() * 1000)
EVENT = (
    b'{"specversion":"1.0","type":"port.move.retracted.v1","id":"7","source":"/tonghai/THE",'
    b'"time":"2019-07-01T08:00:00+08:00","recordedtime":"2019-07-01T08:01:00+08:00",'
    b'"data":{"retractedEventID":"3"}}'
)


def record(offset: int, timestamp: int = JULY_1, value: bytes | None = EVENT) -> ArchivedRecord:
    return ArchivedRecord(0, offset, timestamp, b"/tonghai/THE", value, ())


def written(folder: Path, *days: tuple[date, list[ArchivedRecord]]) -> ArchiveManifest:
    manifest = ArchiveManifest.read(folder)
    folder.mkdir(exist_ok=True)
    manifest.begin("cluster-1")
    for day, records in days:
        reached = manifest.reached(TOPIC).get(0)
        first = records[0].offset if reached is None else reached.end
        newest = max(each.timestamp for each in records)
        spans = {0: OffsetSpan(first, records[-1].offset + 1, newest, len(records))}
        number = manifest.next_number(TOPIC, day)
        manifest.add(parts.write(folder, TOPIC, day, number, records, spans))
    return manifest


def three_days(folder: Path) -> ArchiveManifest:
    return written(
        folder,
        *((date(2019, 7, 1 + n), [record(n, JULY_1 + n * DAY_MS)]) for n in range(3)),
    )


def test_times_off_the_calendar_are_kept_and_shown_as_its_ends(tmp_path: Path) -> None:
    east = EVENT.replace(b"2019-07-01T08:00:00", b"0001-01-01T00:00:00")  # year 0 in UTC
    west = EVENT.replace(b"2019-07-01T08:00:00+08:00", b"9999-12-31T23:59:59-08:00")
    odd = [record(0, -500_000_000_000_000_000, east), record(1, 1 << 58, west)]
    day = date(2019, 7, 1)

    part = parts.write(tmp_path, TOPIC, day, 0, odd, {0: OffsetSpan(0, 2, 1 << 58, 2)})

    first = datetime(1, 1, 1, tzinfo=UTC)
    last = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert [each.day for each in filed(odd)] == [date(1970, 1, 1), date.max]
    assert (part.first_sent, part.last_sent) == (first, last)
    assert (part.first_event, part.last_event) == (first, last)
    assert list(parts.read(tmp_path, part)) == odd


blobs = st.binary(max_size=40)
headers = st.lists(st.tuples(st.text(max_size=5), blobs), max_size=2).map(tuple)
kept = st.builds(
    ArchivedRecord,
    partition=st.integers(0, 3),
    offset=st.integers(0, 1 << 60),
    timestamp=st.integers(0, 1 << 42),
    key=st.none() | blobs,
    value=st.none() | blobs | st.just(EVENT),
    headers=headers,
)


@given(records=st.lists(kept, min_size=1, max_size=5))
def test_a_record_comes_back_as_it_was(
    records: list[ArchivedRecord], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("archive")

    part = parts.write(folder, TOPIC, date(2019, 7, 1), 0, records, {})

    assert list(parts.read(folder, part)) == records


def test_headers_come_back_in_their_order(tmp_path: Path) -> None:
    pairs: Headers = (("b", b"1"), ("a", b"2"), ("b", b""))
    records = [record(0), replace(record(1), headers=pairs)]

    part = parts.write(tmp_path, TOPIC, date(2019, 7, 1), 0, records, {})

    assert [each.headers for each in parts.read(tmp_path, part)] == [(), pairs]


def test_the_envelope_of_an_event_has_columns_beside_the_bytes(tmp_path: Path) -> None:
    part = parts.write(
        tmp_path, TOPIC, date(2019, 7, 1), 0, [record(0), record(1, value=b"no event")], {}
    )

    rows = pq.read_table(tmp_path / part.path).to_pylist()

    assert rows[0]["type"] == "port.move.retracted.v1"
    # 08:00 in Shanghai is midnight in UTC
    assert rows[0]["time"] == part.first_event == datetime(2019, 7, 1, tzinfo=UTC)
    assert rows[1]["time"] is None
    assert rows[1]["value"] == b"no event"


def test_the_envelope_of_binary_mode_is_read_from_the_headers(tmp_path: Path) -> None:
    attributes = {
        "ce_specversion": b"1.0",
        "ce_type": b"port.move.retracted.v1",
        "ce_id": b"7",
        "ce_source": b"/tonghai/THE",
        "ce_time": b"2019-07-01T08:00:00+08:00",
        "ce_recordedtime": b"2019-07-01T08:01:00+08:00",
    }
    binary = replace(
        record(0, value=b'{"retractedEventID":"3"}'), headers=tuple(attributes.items())
    )

    part = parts.write(tmp_path, TOPIC, date(2019, 7, 1), 0, [binary], {})

    assert part.first_event == datetime(2019, 7, 1, tzinfo=UTC)
    assert list(parts.read(tmp_path, part)) == [binary]


def test_days_never_go_back_where_timestamps_do() -> None:
    late = JULY_1 - 200 * DAY_MS
    stamps = [JULY_1, late, JULY_1 + DAY_MS, late]

    days = [each.day for each in filed(record(n, at) for n, at in enumerate(stamps))]

    assert days == [date(2019, 7, 1)] * 2 + [date(2019, 7, 2)] * 2


def test_a_month_is_filed_under_its_first_day() -> None:
    [one] = filed([record(0, JULY_1 + 20 * DAY_MS)], monthly=True)

    assert one.day == date(2019, 7, 1)


def test_the_days_of_a_partition_go_on_from_the_timestamp_it_had_reached() -> None:
    [one] = filed([record(5, JULY_1)], newest=JULY_1 + DAY_MS)

    assert one.day == date(2019, 7, 2)


def test_a_whole_archive_has_no_gap(tmp_path: Path) -> None:
    three_days(tmp_path / "a")

    assert list(gaps(ArchiveManifest.read(tmp_path / "a"), thoroughly=True)) == []


def test_a_file_that_is_missing_and_one_that_is_damaged_are_named_by_their_day(
    tmp_path: Path,
) -> None:
    manifest = three_days(tmp_path / "a")
    first, second, _ = (tmp_path / "a" / part.path for part in manifest.parts)
    first.unlink()
    damaged = bytearray(second.read_bytes())
    damaged[20] ^= 1
    second.write_bytes(damaged)

    found = list(gaps(ArchiveManifest.read(tmp_path / "a")))

    assert [gap.day for gap in found] == [date(2019, 7, 1), date(2019, 7, 2)]
    assert "is missing" in str(found[0])
    assert "checksum" in str(found[1])


def test_a_line_missing_in_the_manifest_is_a_range_of_offsets_missing(tmp_path: Path) -> None:
    three_days(tmp_path / "a")
    path = tmp_path / "a" / NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], *lines[3:]]))  # head, 1 July, 3 July

    [gap] = gaps(ArchiveManifest.read(tmp_path / "a"))

    assert "offsets 1 to 1 of partition 0" in str(gap)
    assert "2019-07-01" in str(gap)


def test_a_count_that_differs_from_the_manifest_is_seen_when_read_thoroughly(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    manifest = ArchiveManifest.read(folder)
    manifest.begin("cluster-1")
    spans = {0: OffsetSpan(0, 2, JULY_1, 2)}  # two are said to be there, one is
    manifest.add(parts.write(folder, TOPIC, date(2019, 7, 1), 0, [record(0)], spans))

    assert list(gaps(manifest)) == []
    assert len(list(gaps(manifest, thoroughly=True))) == 1


def test_a_line_that_was_cut_short_does_not_count_and_is_written_anew(tmp_path: Path) -> None:
    manifest = three_days(tmp_path / "a")
    path = tmp_path / "a" / NAME
    path.write_bytes(path.read_bytes()[:-30])

    again = ArchiveManifest.read(tmp_path / "a")
    assert again.parts == manifest.parts[:2]
    again.begin("cluster-1")
    again.add(manifest.parts[2])

    assert ArchiveManifest.read(tmp_path / "a").parts == manifest.parts


def test_another_clusters_archive_is_not_gone_on_with(tmp_path: Path) -> None:
    three_days(tmp_path / "a")

    with pytest.raises(StackError, match="cluster-1"):
        ArchiveManifest.read(tmp_path / "a").begin("cluster-2")


def test_one_folder_has_one_writer(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(StackError, match="another"), locked(tmp_path):
        pass


def test_a_full_disk_leaves_nothing_under_the_files_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)

    with pytest.raises(StackError, match="make room"):
        parts.write(tmp_path, TOPIC, date(2019, 7, 1), 0, [record(0)], {})
    assert list((tmp_path / TOPIC).iterdir()) == []


def test_a_manifest_of_a_later_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"type":"archive","form":2,"cluster":"x"}\n')

    with pytest.raises(StackError, match="form 2"):
        ArchiveManifest.read(tmp_path)


def test_a_part_names_its_file_by_topic_day_and_number(tmp_path: Path) -> None:
    manifest = written(
        tmp_path / "a", (date(2019, 7, 1), [record(0)]), (date(2019, 7, 1), [record(1)])
    )

    paths = [part.path for part in manifest.parts]

    assert paths == [f"{TOPIC}/2019-07-01.0.parquet", f"{TOPIC}/2019-07-01.1.parquet"]
    assert isinstance(manifest.parts[0], Part)
