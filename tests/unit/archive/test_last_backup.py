from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from archive.last_backup import NAME, LastBackup, expect_backup, note_backup, read_last_backup
from streams.metrics import BackupCollector

NOW = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
SERIES = "pipeline_last_backup_timestamp_seconds"


def shown(data: Path) -> float | None:
    """What a worker shows of the note in a data folder."""

    def last() -> datetime | None:
        found = read_last_backup(data)
        return found.at if found else None

    registry = CollectorRegistry()
    registry.register(BackupCollector(last))
    return registry.get_sample_value(SERIES)


def test_without_a_backup_made_or_awaited_there_is_no_series(tmp_path: Path) -> None:
    assert shown(tmp_path / "no folder yet") is None


def test_a_backup_that_is_awaited_is_dated_from_its_first_word_until_one_is_made(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    expect_backup(data, "/backup/port", NOW)
    expect_backup(data, "/backup/port", NOW + timedelta(days=1))  # installed again

    # 2026-11-25T23:30:00Z: 20,782 days after 1970-01-01, and 84,600 seconds
    assert shown(data) == 20_782 * 86_400 + 84_600

    made = NOW + timedelta(hours=3)
    note_backup(data, LastBackup("/backup/port", made))
    expect_backup(data, "/backup/port", NOW + timedelta(days=2))

    assert shown(data) == made.timestamp()


def test_a_damaged_note_is_none_and_the_next_one_replaces_it(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"folder": "\xff')

    assert read_last_backup(tmp_path) is None
    expect_backup(tmp_path, "/backup/port", NOW)
    assert read_last_backup(tmp_path) == LastBackup("/backup/port", NOW, is_made=False)
