"""The table of a statement's moves: when there is no room for it."""

import pytest

from contract.errors import StackError
from register.reconciliation.stated_moves import scratch


def test_a_statement_for_which_there_is_no_room_says_where_to_make_some() -> None:
    with (
        pytest.raises(StackError, match="make room there, or name another folder by TMPDIR"),
        scratch() as connection,
    ):
        connection.execute(
            "SET memory_limit = '20MB'; SET max_temp_directory_size = '0KB';"
            "CREATE TABLE t AS SELECT hash(range) FROM range(5_000_000)"
        )


def test_a_statement_that_is_too_large_for_memory_and_disk_is_to_be_compared_in_parts() -> None:
    with (
        pytest.raises(StackError, match="too large to be answered at once: ask by month"),
        scratch() as connection,
    ):
        # a list is one value, which lies in memory as a whole
        connection.execute("SET memory_limit = '20MB'; SELECT list(range) FROM range(5_000_000)")
