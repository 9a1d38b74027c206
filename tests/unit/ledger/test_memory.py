"""What the books remember of texts that no sound sender writes: nothing."""

import tracemalloc

from ledger.move_ledger import MoveLedger
from tests.unit.ledger.records import BOOK, moved, topic

LONG = 100_000  # characters


def test_a_size_code_without_end_is_not_kept() -> None:
    ledger = MoveLedger(0, BOOK)
    ledger.take(topic([moved("first")]))  # what is kept of any batch is there by now
    tracemalloc.start()
    try:
        for n in range(30):  # 3 MB of them, each another verdict
            ledger.take(topic([moved(f"{n}", size=f"{n:02}" * (LONG // 2))]))
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most > LONG
    assert kept < 5 * LONG
