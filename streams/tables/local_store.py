"""The local copy of a table in RocksDB; if its files can't be read, it is built anew.

Unreadable files are renamed, and recovery reads the changelog, which holds everything, from its
beginning.
"""

import shutil
from typing import Any

import structlog
from faust.stores import rocksdb

__all__ = ["LocalStore"]

ASIDE = ".unreadable"  # suffix of the files that are kept to find the cause, one a partition
LOCK = "/LOCK"  # RocksDB names this file if another process has the store open

log = structlog.get_logger()


class LocalStore(rocksdb.Store):
    """The local copy of a table, with a database for each partition."""

    def _open_for_partition(self, partition: int) -> Any:
        try:
            return self._read_through(partition)
        except Exception as error:  # rocksdict raises no other type
            if LOCK in str(error):
                raise
            path = self.partition_path(partition)
            aside = path.with_name(path.name + ASIDE)
            shutil.rmtree(aside, ignore_errors=True)
            path.rename(aside)
            log.warning(
                "worker.local_store_set_aside",
                path=str(path),
                moved_to=str(aside),
                error=str(error),
                then="it is rebuilt from its changelog",
            )
            return super()._open_for_partition(partition)

    def _read_through(self, partition: int) -> Any:
        """Open the database and read every record, so that a bad block is found now, not later."""
        opened: Any = super()._open_for_partition(partition)
        records = opened.iter()
        try:
            records.seek_to_first()
            while records.valid():
                records.next()
            records.status()  # raises for a bad block, at which `items()` would end silently
        except BaseException:
            del records  # it keeps the database and its lock
            opened.close()
            raise
        return opened
