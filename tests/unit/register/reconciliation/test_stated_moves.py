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
