"""The bare limit of the chain: pyarrow, the contract's decoder and a dict in one process.

`python -m bench.chain.bare_archive FOLDER REPORT` reads an archive of moves, sums every move and
writes a report.  It removes no duplicates and keeps no state.
"""

import sys
import time
from collections import defaultdict
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from bench import counting
from bench.report import Report
from contract.events import ContainerMoved
from contract.topics import MOVES
from contract.wire import decode_move


def read(folder: Path) -> Report:
    """Read every event of an archive once and sum it."""
    sums: defaultdict[counting.Key, int] = defaultdict(int)
    seen, started, cpu = 0, time.perf_counter(), time.process_time()
    for path in sorted((folder / MOVES.name).glob("*.parquet")):
        values = pq.read_table(path, columns=["value"], use_threads=False)["value"]
        for value in values.to_pylist():
            event = decode_move(value)
            if isinstance(event, ContainerMoved) and (teu := counting.hundredths(event)):
                sums[counting.key(event)] += teu
        seen += len(values)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    by_text = {counting.text(key): teu for key, teu in sums.items()}
    return Report(f"pyarrow {pa.__version__}", seen, 0, seconds, cpu, by_text)


if __name__ == "__main__":
    archive, report = map(Path, sys.argv[1:])
    report.write_bytes(msgspec.json.encode(read(archive)))
