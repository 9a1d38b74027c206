"""Issued reports, the state of their delivery, and remarks on days: kept, and put back."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from broker.connection import Connection
from contract.reporting.issued_report import ReportNote
from contract.settings import Settings
from contract.wire import encode
from stack.backup.backup_manifest import BackupPart, StoredFile
from stack.backup.backup_store import BackupStore, lay_out, sha256
from stack.delivery.delivery_state import FOLDER as DELIVERY
from stack.reporting import report_topics
from stack.reporting.report_store import RECORD, ReportStore

TOPICS = "topics.json"
"""What the topics of reports hold beyond the folder."""


class TopicRecords(Struct, frozen=True):
    """The remarks on days, and the records of reports whose folder is lost."""

    notes: tuple[ReportNote, ...] = ()
    reports: tuple[str, ...] = ()
    """Each the text of a record, as the topic has it."""


def store_reports(store: BackupStore, settings: Settings, home: Path) -> list[StoredFile]:
    """Put in the folder of issued reports and what only the topics hold.

    Raises:
        StackError: there is no broker, or no such topic.
        OSError: a file can't be read, or the disk refuses it.
    """
    root = home / settings.reports_folder
    part = BackupPart.REPORTS
    found = [
        store.put_file(part, name, root / name, unchanging=not name.startswith(DELIVERY))
        for name in _files(root)
    ]
    beyond = _beyond(root, Connection.of(settings))
    content = msgspec.json.format(msgspec.json.encode(beyond))
    return [*found, store.put_bytes(part, TOPICS, content + b"\n")]


def differs(folder: Path, stored: Mapping[str, StoredFile], root: Path) -> bool:
    """Whether a folder of reports holds what a backup does not, and a restore would lose."""
    return any(
        name not in stored or sha256(root / name) != stored[name].sha256 for name in _files(root)
    )


def lay_out_reports(folder: Path, stored: Mapping[str, StoredFile], stage: Path) -> None:
    """Copy the issued reports of a backup to a folder beside the one where they belong.

    Raises:
        StackError: a file can't be copied, or is not what the manifest says.
    """
    stage.mkdir(parents=True, exist_ok=True)
    lay_out(folder, {name: one for name, one in stored.items() if name != TOPICS}, stage)


def move_reports(stage: Path, root: Path) -> None:
    """Put the laid out reports where they belong, in place of some that are the same."""
    shutil.rmtree(root, ignore_errors=True)
    root.parent.mkdir(parents=True, exist_ok=True)
    stage.rename(root)


def send_reports(connection: Connection, stage: Path, beyond: bytes) -> tuple[int, int]:
    """Send the records of all reports and remarks; return how many of each there are.

    Raises:
        StackError: Kafka does not take them.
    """
    held = msgspec.json.decode(beyond, type=TopicRecords)
    store = ReportStore(stage)
    records = {one.number: (one.key, store.record(one)) for one in store.issued()}
    for text in held.reports:
        one = report_topics.decoded_report(text.encode())
        records.setdefault(one.number, (one.key, text.encode()))
    report_topics.record_reports(connection, records.values())
    report_topics.write_notes(connection, held.notes)
    return len(records), len(held.notes)


def _beyond(root: Path, connection: Connection) -> TopicRecords:
    """What the topics hold and the folder does not."""
    notes = sorted(report_topics.notes(connection).values(), key=lambda note: note.key)
    recorded = report_topics.recorded_reports(connection, whole=True)
    lost = [
        one for number, one in sorted(recorded.items()) if not (root / number / RECORD).exists()
    ]
    return TopicRecords(tuple(notes), tuple(encode(one).decode() for one in lost))


def _files(root: Path) -> Iterator[str]:
    """The files of issued reports and of deliveries, as names below the folder, in order."""
    patterns = ("[!.]*/*/*/*/*", f"{DELIVERY}/*/*.json")
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        if path.is_file():
            yield path.relative_to(root).as_posix()
