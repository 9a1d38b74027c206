"""A backup restored: built beside the data folder, and moved into place once it is whole."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from archive.last_backup import LastBackup, note_backup
from broker.admin import create_topics
from broker.connection import Connection
from broker.reader import TopicReading
from contract.errors import Misconfigured, StackError
from contract.settings import Settings
from contract.topics import RAW, REJECTED, Topic
from stack.backup.backup_manifest import BackupManifest, BackupPart
from stack.backup.backup_store import faults, lay_out
from stack.backup.kept_reports import (
    TOPICS,
    differs,
    lay_out_reports,
    move_reports,
    send_reports,
)
from stack.backup.record_archive import archive_faults
from stack.backup.rejected_records import send_rejected
from stack.backup.settings_files import settings_paths
from stack.backup.silences import NAME as SILENCES
from stack.backup.silences import restore_silences
from stack.context import Say
from stack.processes import kafka
from stack.processes.broker_session import KAFKA_SECONDS, own_broker
from stack.processes.children import Children
from stack.processes.kafka import Broker
from stack.processes.supervisor import TARGETS_ONLY
from stack.processes.tcp_ports import free_port

NAMED_FAULTS = 12
STAGE = ".restoring"  # behind the name of the data folder


class RestoreTarget(Struct, frozen=True):
    """Where a backup is restored to."""

    settings: Settings
    home: Path
    environ: Mapping[str, str]
    version: str

    @property
    def data(self) -> Path:
        """The absolute folder of all data."""
        return (self.home / self.settings.folder).absolute()


def refuse_unfit(folder: Path, whole: BackupManifest, version: str) -> None:
    """Make sure that this release can restore the backup, and that all of it is there.

    Raises:
        StackError: it was made by a newer release, or files are missing or damaged.
    """
    if _numbers(whole.version) > _numbers(version):
        raise StackError(
            f"{folder} was made by quaymark {whole.version}, this is {version}: restore it with "
            f"{whole.version} or newer"
        )
    found = [*faults(folder, whole.files), *archive_faults(folder, whole)]
    if found:
        more = f"\n  and {len(found) - NAMED_FAULTS} more" * (len(found) > NAMED_FAULTS)
        raise StackError(
            f"{folder} is not whole:\n  "
            + "\n  ".join(found[:NAMED_FAULTS])
            + f"{more}\nput the files back from a copy; nothing was restored"
        )


def in_the_way(target: RestoreTarget, folder: Path, whole: BackupManifest) -> Iterator[Path]:
    """Yield what a restore would overwrite: a data folder in use, and settings that differ."""
    data = target.data / "data"
    is_used = data.is_dir() and any(data.iterdir())
    if is_used:
        yield target.data
    reports = target.data / "reports"
    if not is_used and differs(folder, whole.of(BackupPart.REPORTS), reports):
        yield reports
    paths = settings_paths(target.settings, target.home)
    for name, stored in whole.of(BackupPart.SETTINGS).items():
        path = paths[name]
        if is_used and path.is_relative_to(target.data):
            continue  # it goes with the folder
        if path.exists() and path.read_bytes() != (folder / stored.path).read_bytes():
            yield path


def set_aside(paths: Iterator[Path] | list[Path], now: datetime) -> Iterator[str]:
    """Rename what is in the way, and say to what; nothing is deleted."""
    for path in paths:
        kept = path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%SZ}")
        path.rename(kept)
        yield f"{path} lies in {kept} now"


class Restore:
    """One restore.  Until its last step nothing lies where `quaymark up` looks."""

    def __init__(
        self, target: RestoreTarget, folder: Path, whole: BackupManifest, say: Say
    ) -> None:
        self._target, self._folder, self._whole, self._say = target, folder, whole, say
        self._stage = target.data.with_name(target.data.name + STAGE)

    def run(self, now: datetime) -> None:
        """Restore everything.

        Raises:
            StackError: Kafka or Alertmanager does not come up, or records are missing at the end.
            OSError: the disk refuses a file.
        """
        shutil.rmtree(self._stage, ignore_errors=True)  # a restore that was killed
        data = self._stage / "data"
        data.mkdir(parents=True)
        lay_out(self._folder, self._whole.of(BackupPart.SETTINGS), self._stage / "settings")
        reports = self._whole.of(BackupPart.REPORTS)
        lay_out_reports(self._folder, reports, self._stage / "reports")
        self._records()
        blocks = self._whole.of(BackupPart.PROMETHEUS)
        lay_out(self._folder, blocks, data / "prometheus")
        if blocks:
            self._say(f"Prometheus's blocks: {len({name.split('/')[0] for name in blocks})}")
        if silences := self._whole.of(BackupPart.SILENCES).get(SILENCES):
            content = (self._folder / silences.path).read_bytes()
            restore_silences(data / "alertmanager", content, now, self._say)
        if self._whole.targets_only:
            (data / TARGETS_ONLY).touch()
        self._settings()
        if reports:
            move_reports(self._stage / "reports", self._target.data / "reports")
        self._target.data.mkdir(parents=True, exist_ok=True)
        data.rename(self._target.data / "data")  # from here on the restore is whole
        note_backup(self._target.data, LastBackup(str(self._folder), self._whole.made_at))
        shutil.rmtree(self._stage)

    def _records(self) -> None:
        with self._kafka() as at:
            create_topics(at)
            if any(_records_in(at, topic) for topic in (*RAW, REJECTED)):
                raise StackError(
                    f"the topics of Kafka at {at} hold records: a restore begins with empty ones; "
                    "delete them, or name another Kafka in QUAYMARK_KAFKA"
                )
            self._replay(at)
            sent = send_rejected(at, self._folder / "rejected")
            if sent:
                self._say(f"{sent:,} dead letters of imported files sent")
            if beyond := self._whole.of(BackupPart.REPORTS).get(TOPICS):
                content = (self._folder / beyond.path).read_bytes()
                reports, notes = send_reports(at, self._stage / "reports", content)
                self._say(f"{reports:,} issued reports and {notes:,} remarks")
            for topic in RAW:
                wanted, found = self._whole.topics[topic.name].records, _records_in(at, topic)
                if found < wanted:
                    raise StackError(
                        f"Kafka has {found:,} records of {topic.name} after the restore, the "
                        f"backup had {wanted:,}; nothing was moved into place"
                    )
                self._say(f"{topic.name:22} {found:>11,} records")

    def _replay(self, at: Connection) -> None:
        """Send the archive as it was: keys, bytes, headers, partitions, times."""
        if not any(self._whole.topics[topic.name].records for topic in RAW):
            return
        archive = str(self._folder / "archive")
        line = [sys.executable, "-m", "producers", "replay", "--from-archive", archive]
        environ = {
            **self._target.environ,
            "QUAYMARK_KAFKA": at.servers,
            "QUAYMARK_FOLDER": str(self._stage),
            "QUAYMARK_BOOK": str(self._stage / "settings/quaymark.toml"),
        }
        if code := subprocess.run(line, env=environ, check=False).returncode:
            raise StackError(f"the records could not be sent (exit {code}); see above")

    def _settings(self) -> None:
        paths = settings_paths(self._target.settings, self._target.home)
        for name in self._whole.of(BackupPart.SETTINGS):
            if not paths[name].exists():
                paths[name].parent.mkdir(parents=True, exist_ok=True)
                making = paths[name].with_name(paths[name].name + ".making")
                shutil.copyfile(self._stage / "settings" / name, making)
                making.replace(paths[name])
                self._say(f"wrote {paths[name]}")

    @contextmanager
    def _kafka(self) -> Iterator[Connection]:
        """Connect to a broker: one in the stage, on a free port, or the user's own."""
        if own_broker(self._target.settings) is None:
            yield Connection.of(self._target.settings)
            return
        broker = Broker(self._stage / "data/kafka", free_port(), free_port())
        children = Children(self._stage / "log", self._say)
        try:
            child = children.start(kafka.prepare(broker, self._say))
            connection = Connection(broker.bootstrap)
            children.wait(child, lambda: kafka.answers(connection), KAFKA_SECONDS)
            yield connection
        finally:
            children.stop()


def _records_in(at: Connection, topic: Topic) -> int:
    with TopicReading(at, topic) as reading:
        return reading.left()


def _numbers(version: str) -> tuple[int, ...]:
    """1.2.0 as (1, 2, 0); what is no number counts as 0."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))


def refuse_no_backup(folder: Path, whole: BackupManifest | None) -> BackupManifest:
    """Return the manifest of a whole backup.

    Raises:
        Misconfigured: there is none.
    """
    if whole is None:
        raise Misconfigured(
            f"{folder} holds no whole backup: it has no backup.json, which is written last; "
            "`quaymark backup` makes one"
        )
    return whole
