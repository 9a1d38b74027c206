"""RocksDB in front of a changelog; files that can't be read are set aside, and it begins anew.

All that it holds is in the changelog, too: recovery then reads that from its beginning.
"""

import shutil
from typing import Any

import structlog
from faust.stores import rocksdb

__all__ = ["LocalStore"]

ASIDE = ".unreadable"  # one of each partition is kept, for whoever wants to know why
LOCK = "/LOCK"  # the file named where another process has the store open

log = structlog.get_logger()


class LocalStore(rocksdb.Store):
    """A table's local copy, one database a partition."""

    def _open_for_partition(self, partition: int) -> Any:
        try:
            return self._read_through(partition)
        except Exception as error:  # rocksdict has no other type for what it finds
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
        """Open it and read every record: a bad block is found now, not in the middle of work."""
        opened: Any = super()._open_for_partition(partition)
        records = opened.iter()
        try:
            records.seek_to_first()
            while records.valid():
                records.next()
            records.status()  # what `items()` keeps silent about: it ends at a bad block
        except BaseException:
            del records  # it holds the database and its lock
            opened.close()
            raise
        return opened
