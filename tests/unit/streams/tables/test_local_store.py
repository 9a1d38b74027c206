import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from faust.types import TP

from streams.tables.local_store import ASIDE, LocalStore

AT = TP("kpi-changelog", 0)


def opened(folder: Path) -> Any:
    app = SimpleNamespace(conf=SimpleNamespace(tabledir=folder, table_key_index_size=1000))
    table = cast(Any, SimpleNamespace(name="kpi"))
    return LocalStore(
        "rocksdb://", cast(Any, app), table, table_name="kpi", key_type=bytes, value_type=bytes
    )


def filled(folder: Path) -> Path:
    """A store of 2,000 records with an offset, closed; its folder."""
    store = opened(folder)
    database = store._db_for_partition(0)
    for number in range(2000):
        database.put(f"{number:04}".encode(), os.urandom(64))
    store.set_persisted_offset(AT, 1999)
    database.flush()
    database.close()
    path: Path = store.partition_path(0)
    return path


def test_a_store_that_can_be_read_is_kept(tmp_path: Path) -> None:
    path = filled(tmp_path)

    store = opened(tmp_path)

    assert store.persisted_offset(AT) == 1999
    assert len(list(store._visible_items(store._db_for_partition(0)))) == 2000
    assert not path.with_name(path.name + ASIDE).exists()


@pytest.mark.parametrize("files", ["*.sst", "MANIFEST*", "CURRENT"])
def test_a_store_with_garbage_in_its_files_is_set_aside_and_begins_anew(
    tmp_path: Path, files: str
) -> None:
    path = filled(tmp_path)
    spoilt = sorted(path.glob(files))
    assert spoilt
    for file in spoilt:
        file.write_bytes(os.urandom(100) + file.read_bytes()[100:])

    store = opened(tmp_path)

    assert store.persisted_offset(AT) is None  # recovery reads the changelog from its beginning
    assert list(store._visible_items(store._db_for_partition(0))) == []
    assert path.with_name(path.name + ASIDE).is_dir()


def test_a_store_that_another_process_has_open_is_not_touched(tmp_path: Path) -> None:
    path = filled(tmp_path)
    other = opened(tmp_path)
    other._db_for_partition(0)

    with pytest.raises(Exception, match="/LOCK"):
        opened(tmp_path)._db_for_partition(0)

    assert not path.with_name(path.name + ASIDE).exists()
