"""One backup made: part after part, and then the manifest that makes it count."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from archive.manifest import Part
from contract.errors import StackError
from contract.settings import Settings
from stack.backfill.prometheus_api import Prometheus
from stack.backup.backup_manifest import (
    FORM,
    BackupManifest,
    BackupPart,
    StoredFile,
    TopicCount,
    write_manifest,
)
from stack.backup.backup_store import BackupStore
from stack.backup.kept_reports import store_reports
from stack.backup.prometheus_snapshot import store_blocks
from stack.backup.record_archive import extend_archives
from stack.backup.settings_files import settings_files
from stack.backup.silences import NAME as SILENCES
from stack.backup.silences import read_silences
from stack.context import Say
from stack.processes.supervisor import TARGETS_ONLY

NOT_KEPT = (
    "runs of `quaymark replay`: they are made from the raw topics, make them again",
    "what was changed by hand in Grafana: its dashboards are rendered, its own users are not kept",
)


class BackupSource(Struct, frozen=True):
    """What is backed up: settings, the folder that they hold in, and Prometheus's data."""

    settings: Settings
    home: Path
    version: str
    prometheus_data: Path | None = None
    """None asks the server."""


class Backup:
    """One run of `quaymark backup`.

    Attributes:
        problems: what could not be read, in words; the backup keeps what it had of it before.
        added_bytes: how much was written beside the records.
    """

    def __init__(
        self, source: BackupSource, folder: Path, last: BackupManifest | None, say: Say
    ) -> None:
        self._source, self._folder, self._last, self._say = source, folder, last, say
        self._store = BackupStore(folder, last)
        self._files: list[StoredFile] = []
        self._left_out: list[str] = []
        self._times = dict(last.parts) if last else {}
        self._topics: dict[str, TopicCount] = {}
        self.problems: list[str] = []

    @property
    def added_bytes(self) -> int:
        """Bytes written for settings, silences and blocks."""
        return self._store.added_bytes

    def records(self, now: datetime, written: Callable[[Part], None]) -> Mapping[str, TopicCount]:
        """Extend the archives of the raw topics and of what was rejected.

        Raises:
            StackError: no broker, no room, or the archives are those of another Kafka.
        """
        self._topics = extend_archives(self._folder, self._source.settings, written)
        self._times[BackupPart.RECORDS] = now
        return self._topics

    def rest(self, now: datetime) -> None:
        """Put in settings, reports, silences and Prometheus's blocks, each as it is now.

        A server that does not answer is a problem and no reason to lose the rest.

        Raises:
            Misconfigured: a settings file has a mistake.
            OSError: the backup's disk refuses a file.
        """
        source = self._source
        for file in settings_files(source.settings, source.home):
            self._files.append(self._store.put_bytes(BackupPart.SETTINGS, file.name, file.content))
            self._left_out += file.left_out
        self._times[BackupPart.SETTINGS] = now
        self._part(BackupPart.REPORTS, "reports", now, self._reports)
        self._part(BackupPart.SILENCES, "data/alertmanager", now, self._silences)
        self._part(BackupPart.PROMETHEUS, "data/prometheus", now, self._blocks)

    def finish(self, now: datetime) -> BackupManifest:
        """Let the backup count, and remove what it does not need any more.

        Raises:
            OSError: the disk refuses it; then the last backup still counts.
        """
        data = self._source.home / self._source.settings.folder
        manifest = BackupManifest(
            FORM,
            self._source.version,
            now,
            self._times,
            self._topics,
            tuple(self._files),
            (*self._left_out, *NOT_KEPT),
            (data / "data" / TARGETS_ONLY).exists(),
        )
        write_manifest(self._folder, manifest)
        self._store.sweep(manifest.files)
        return manifest

    def _part(
        self, part: BackupPart, data: str, now: datetime, read: Callable[[], list[StoredFile]]
    ) -> None:
        """Read one server's part; where it was never used there is nothing to keep."""
        try:
            self._files += read()
            self._times[part] = now
        except StackError as error:
            kept = self._last.of(part) if self._last else {}
            self._files += kept.values()
            known = Path(self._source.home, self._source.settings.folder, data)
            if kept or (known.is_dir() and any(known.iterdir())):
                since = f"as of {self._times[part]:%Y-%m-%d %H:%M}" if kept else "not in it"
                self.problems.append(f"{part}: {since}, since {error}")
            else:
                self._say(f"{part}: nothing to keep ({error})")

    def _reports(self) -> list[StoredFile]:
        return store_reports(self._store, self._source.settings, self._source.home)

    def _silences(self) -> list[StoredFile]:
        url = self._source.settings.alertmanager
        return [self._store.put_bytes(BackupPart.SILENCES, SILENCES, read_silences(url))]

    def _blocks(self) -> list[StoredFile]:
        server = Prometheus(self._source.settings.prometheus)
        data = self._source.prometheus_data or server.data_folder()
        if not os.access(data, os.R_OK | os.W_OK):
            raise StackError(f"{data} is not this user's: run this as the user of Prometheus")
        return store_blocks(self._store, server, data)
