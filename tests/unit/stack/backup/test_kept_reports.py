"""Issued reports in a backup: which files are kept, what of the topics, and what is in the way."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from broker.connection import Connection
from contract.reporting.issued_report import IssuedReport, ReportNote
from contract.settings import Settings
from contract.wire import encode
from stack.backup import kept_reports
from stack.backup.backup_manifest import BackupManifest, BackupPart, StoredFile
from stack.backup.backup_store import BackupStore
from stack.delivery.delivery_state import DeliveryStep, DeliveryStore, ReportDelivery
from stack.reporting import report_topics
from stack.reporting.report_store import ReportStore
from tests.unit.stack.reporting.issued_reports import FILES, a_report

AT = datetime(2026, 11, 26, tzinfo=UTC)
NOTE = ReportNote("tonghai", date(2026, 11, 25), "fog", "desk", AT, "雾", "fog")
SETTINGS = Settings(folder="data")


class FakeTopics:
    """The topics of reports in place of Kafka's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reports: dict[str, IssuedReport] = {}
        self.notes = [NOTE]
        self.sent: list[tuple[bytes, bytes]] = []
        topics = report_topics
        monkeypatch.setattr(topics, "recorded_reports", lambda *_, whole: self.reports)
        monkeypatch.setattr(topics, "notes", lambda _: {one.key: one for one in self.notes})
        monkeypatch.setattr(topics, "record_reports", self._send)
        monkeypatch.setattr(topics, "write_notes", lambda _, notes: self.restored.extend(notes))
        self.restored: list[ReportNote] = []

    def _send(self, _: Connection, records: Iterable[tuple[bytes, bytes]]) -> None:
        self.sent += records


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> FakeTopics:
    return FakeTopics(monkeypatch)


def stored(home: Path) -> tuple[Path, dict[str, StoredFile]]:
    found = kept_reports.store_reports(BackupStore(home / "kept", None), SETTINGS, home)
    assert {one.part for one in found} == {BackupPart.REPORTS}
    return home / "kept", {one.name: one for one in found}


def test_reports_deliveries_and_remarks_come_back_as_they_were(
    tmp_path: Path, topics: FakeTopics
) -> None:
    """Of two recorded reports one has lost its folder; its record is kept by itself."""
    root = tmp_path / "data/reports"
    here, lost = a_report(), a_report(date(2026, 11, 24))
    ReportStore(root).put(here, FILES)
    topics.reports = {one.number: one for one in (here, lost)}
    state = ReportDelivery(here.number, "office", "email-1", DeliveryStep.SENT, AT, AT)
    DeliveryStore(root).put(state)
    (root / ".making/x").mkdir(parents=True)
    (root / ".making/x/half.pdf").write_bytes(b"%")

    kept, files = stored(tmp_path)
    stage, back = tmp_path / "stage", tmp_path / "copy/reports"
    kept_reports.lay_out_reports(kept, files, stage)
    beyond = (kept / files[kept_reports.TOPICS].path).read_bytes()
    assert kept_reports.send_reports(Connection("none:1"), stage, beyond) == (2, 1)
    kept_reports.move_reports(stage, back)

    assert dict(topics.sent) == {one.key: encode(one) for one in (here, lost)}
    assert topics.restored == [NOTE]
    assert [one.number for one in ReportStore(back).issued()] == [here.number]
    assert ReportStore(back).faults(here) == []
    assert list(DeliveryStore(back).all()) == [state]
    assert not (back / ".making").exists()


def test_a_file_that_a_backup_lacks_or_has_otherwise_is_in_the_way(
    tmp_path: Path, topics: FakeTopics
) -> None:
    root = tmp_path / "data/reports"
    ReportStore(root).put(a_report(), FILES)
    kept, files = stored(tmp_path)

    assert not kept_reports.differs(kept, files, root)
    assert not kept_reports.differs(kept, files, tmp_path / "none")
    ReportStore(root).put(replace(a_report(), edition=2), FILES)
    assert kept_reports.differs(kept, files, root)
    page = root / a_report().number / "page.pdf"
    page.write_bytes(b"%PDX")
    assert kept_reports.differs(kept, {}, root)


def test_a_second_backup_reads_no_issued_file_again(tmp_path: Path, topics: FakeTopics) -> None:
    """Issued files never change, so that ten years of them cost a backup no time."""
    ReportStore(tmp_path / "data/reports").put(a_report(), FILES)
    kept, files = stored(tmp_path)
    (tmp_path / "data/reports" / a_report().number / "page.pdf").write_bytes(b"%PDX")
    whole = BackupManifest(1, "0.1.0", AT, {}, files=tuple(files.values()))
    store = BackupStore(kept, whole)

    again = kept_reports.store_reports(store, SETTINGS, tmp_path)

    assert {one.name: one for one in again} == files
    assert store.added_bytes == 0
